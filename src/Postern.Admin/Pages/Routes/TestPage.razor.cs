using Microsoft.AspNetCore.Components;
using Postern.Delivery.Reports;

namespace Postern.Admin.Pages.Routes;

/// <summary>Explains the way of mail to an address.</summary>
public partial class TestPage
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(30);

    private AddressReport? _report;
    private string _address = "";
    private string? _refusal;

    [Inject] private AdminParts Parts { get; set; } = null!;

    private async Task AskAsync()
    {
        (_report, _refusal) = (null, null);
        if (ApiRequest.MailboxOf(_address.Trim()) is not { } mailbox)
        {
            _refusal = T["'{0}' is neither an address nor a domain; write bob@example.com", _address];
            return;
        }
        using var bound = new CancellationTokenSource(patience, Parts.Time);
        try
        {
            _report = await Parts.Delivery.ExplainAsync(mailbox, bound.Token);
        }
        catch (OperationCanceledException)
        {
            _refusal = T["DNS has not answered in time. Try again."];
        }
    }
}
