using System.Globalization;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;
using Postern.Configuration;

namespace Postern.Commands;

/// <summary>
/// Works on the files of accounts and of the audit log, with or without a running gateway, which reads the accounts at
/// each login.
/// </summary>
internal sealed class AdminCommands(Terminal terminal, TimeProvider time)
{
    /// <summary><c>postern admin reset</c>.</summary>
    public async Task<int> ResetAsync(ConfigurationFile file, bool json)
    {
        if (Open(file) is not { } configuration) return ExitCode.Failed;
        DataFolder.Make(configuration.DataFolder);
        var store = new AccountStore(DataFolder.AccountsIn(configuration.DataFolder));
        var password = (await new AccountEdits(store, time).ResetAdminAsync()).Password;
        await new CommandAudit(terminal, time).WriteAsync(
            configuration, "admin reset", new AuditNote { After = $"account {Account.Admin}, password •••" });
        if (json) JsonForm.WriteLine(terminal.Out, new { account = Account.Admin, password });
        else terminal.Out.WriteLine($"account {Account.Admin}, one-time password {password} (shown this once)");
        return ExitCode.Done;
    }

    /// <summary><c>postern admin audit list</c>.</summary>
    public int ListAudit(ConfigurationFile file, string search, string? before, int limit, bool json)
    {
        if (Open(file) is not { } configuration) return ExitCode.Failed;
        if (CommandAudit.LogOf(configuration, terminal, time).Read(before, search, limit) is not { } page)
            return terminal.Misused($"'{before}' is not what a page ended with");
        if (json)
        {
            JsonForm.WriteLine(terminal.Out, page);
            return ExitCode.Done;
        }
        foreach (var entry in page.Entries) Print(entry);
        if (page.Entries.Count == 0) terminal.Out.WriteLine("There are no entries.");
        if (page.Next is not null) terminal.Out.WriteLine($"older ones: --before {page.Next}");
        return ExitCode.Done;
    }

    /// <summary><c>postern admin audit verify</c>.</summary>
    public int VerifyAudit(
        ConfigurationFile file, long from, string? last, bool json, CancellationToken cancellationToken)
    {
        if (last is not null && !AuditVerification.IsHash(last))
            return terminal.Misused($"'{last}' is no hash of a line, as an earlier check has printed it");
        if (Open(file) is not { } configuration) return ExitCode.Failed;
        var found = CommandAudit.LogOf(configuration, terminal, time).Verify(from, last, cancellationToken);
        if (json) JsonForm.WriteLine(terminal.Out, found);
        else if (found.Last > 0)
            terminal.Out.WriteLine($"entries {found.First} to {found.Last} are whole; the last line has the hash "
                + found.LastHash);
        else if (found.IsWhole) terminal.Out.WriteLine("There are no entries.");
        if (!json && found.Unfinished > 0)
        {
            terminal.Out.WriteLine($"{found.Unfinished} octets behind it are no whole line: a crash cut them, and the "
                + "next entry says so");
        }
        return found.IsWhole ? ExitCode.Done
            : terminal.Fail(found.File is null ? found.Fault! : $"{found.File}:{found.Line}: {found.Fault}");
    }

    private PosternConfiguration? Open(ConfigurationFile file)
    {
        var read = file.Read();
        foreach (var error in read.Errors) terminal.Error.WriteLine(error);
        return read.Configuration;
    }

    private void Print(AuditEntry entry)
    {
        var when = TimeZoneInfo.ConvertTime(entry.Time, time.LocalTimeZone)
            .ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
        var asked = string.Concat(entry.Parameters?.Select(p => $" {p.Key}={p.Value}") ?? []);
        terminal.Out.WriteLine(Plain($"{entry.Number}  {when}  {entry.Who} from {entry.From}  {entry.Action}{asked}  "
            + entry.Result.ToString().ToLowerInvariant() + (entry.Detail is null ? "" : $": {entry.Detail}")));
        foreach (var line in Lines(entry.Before)) terminal.Out.WriteLine(Plain($"     - {line}"));
        foreach (var line in Lines(entry.After)) terminal.Out.WriteLine(Plain($"     + {line}"));
    }

    private static string[] Lines(string? text) => text?.Split('\n') ?? [];

    // What somebody asked with may hold anything, and a terminal obeys control characters.
    private static string Plain(string text) => string.Concat(text.Select(c =>
        char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format ? '\uFFFD' : c));
}
