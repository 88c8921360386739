using Microsoft.AspNetCore.Components;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;
using Postern.Mail;

namespace Postern.Admin.Pages.Audit;

/// <summary>Who did what, from where, and what became of it; the newest first.</summary>
public sealed partial class AuditPage : IDisposable
{
    /// <summary>Entries of a page; no more are asked for.</summary>
    private const int Rows = 25;

    private readonly CancellationTokenSource _left = new();
    private Auditing.AuditPage _page = new([], null);
    private AuditVerification? _verified;
    private string _search = "";
    private string? _fault;
    private bool _isVerifying;

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    private bool MaySee => Viewer.May(AccountRole.Administrator);

    /// <inheritdoc/>
    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => NewestAsync();

    private Task SearchAsync(string text)
    {
        _search = text ?? "";
        return NewestAsync();
    }

    private Task NewestAsync() => ReadAsync(null);

    private Task OlderAsync() => ReadAsync(_page.Next);

    // Files are read beside the page, which goes on meanwhile.
    private Task ReadAsync(string? before) => TryAsync(async () =>
        _page = await Task.Run(() => Parts.Audit.Read(before, _search, Rows)!, _left.Token));

    private async Task VerifyAsync()
    {
        _isVerifying = true;
        await TryAsync(async () =>
            _verified = await Task.Run(() => Parts.Audit.Verify(1, null, _left.Token), _left.Token));
        _isVerifying = false;
    }

    private async Task TryAsync(Func<Task> read)
    {
        if (!MaySee) return;
        try
        {
            _fault = null;
            await read();
        }
        catch (IOException e)
        {
            _fault = e.Message;
        }
        catch (OperationCanceledException)
        {
            // The page was left.
            return;
        }
    }

    private static string Text(string? text) => text is null ? "" : PeerText.Escape(text);

    private static IEnumerable<string> Lines(string? text) => text?.Split('\n').Select(Text) ?? [];

    private static string WordOf(AuditResult result) => result switch
    {
        AuditResult.Done => "done",
        AuditResult.Refused => "refused",
        _ => "failed",
    };
}
