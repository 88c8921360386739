using Microsoft.AspNetCore.Components;
using Postern.Delivery.Reports;

namespace Postern.Admin.Pages.Routes;

/// <summary>Explains the way of mail to an address.</summary>
public partial class TestPage
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(30);

    private AddressReport? _report;
    private CancellationTokenSource? _asking;
    private string _address = "", _asked = "";
    private string? _refusal;

    [Inject] private AdminParts Parts { get; set; } = null!;

    private async Task AskAsync()
    {
        // An answer that comes late must not stand below another question.
        if (_asking is { } before) await before.CancelAsync();
        (_asking, _report, _refusal, _asked) = (null, null, null, _address.Trim());
        if (ApiRequest.MailboxOf(_asked) is not { } mailbox)
        {
            _refusal = T["'{0}' is neither an address nor a domain; write bob@example.com", _address];
            return;
        }
        using var bound = new CancellationTokenSource(patience, Parts.Time);
        _asking = bound;
        try
        {
            var report = await Parts.Delivery.ExplainAsync(mailbox, bound.Token);
            if (_asking == bound) _report = report;
        }
        catch (OperationCanceledException)
        {
            if (_asking == bound) _refusal = T["DNS has not answered in time. Try again."];
        }
        finally
        {
            if (_asking == bound) _asking = null;
        }
    }
}
