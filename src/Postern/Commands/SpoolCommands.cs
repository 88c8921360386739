using System.Globalization;
using Postern.Admin;
using Postern.Admin.Auditing;
using Postern.Configuration;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Commands;

/// <summary>
/// The commands for the store. A gateway that runs checks, counts and exports by itself.
/// </summary>
internal sealed class SpoolCommands(Terminal terminal, TimeProvider time)
{
    private readonly Progress progress = new(terminal, time);

    /// <summary><c>spool verify</c>: by the gateway that has the store open, else by the store.</summary>
    public async Task<int> VerifyAsync(ConfigurationFile file, bool json, CancellationToken cancellationToken)
    {
        if (Read(file) is not { } configuration) return ExitCode.Failed;
        GatewayAnswer<SpoolCheck> answer;
        using (progress.Begin("checking the store"))
        using (var api = new GatewayApi(configuration))
        {
            answer = await api.FollowAsync<SpoolCheck>(
                HttpMethod.Get, "/api/v1/spool/verification", step => Check(step.Records), cancellationToken);
        }
        if (answer.Value is { } last)
        {
            return last.Verdict is { } verdict ? SpoolPrinting.Print(terminal, verdict, json, "coming in now")
                : terminal.Fail(last.Failure ?? "the gateway has ended");
        }
        if (answer.IsRunning) return terminal.Fail(answer.Failure);
        return Inspect(configuration, "checking the store", spool => SpoolVerdict.Of(spool.Verify(Check)),
            verdict => SpoolPrinting.Print(terminal, verdict, json, SpoolPrinting.AfterCrash));

        void Check(long records) => progress.Step($"checking the store: {records} records");
    }

    /// <summary><c>spool stats</c>: by the gateway that has the store open, else by the store.</summary>
    public async Task<int> StatsAsync(ConfigurationFile file, bool json, CancellationToken cancellationToken)
    {
        if (Read(file) is not { } configuration) return ExitCode.Failed;
        GatewayAnswer<SpoolAnswer> answer;
        using (progress.Begin("counting the store"))
        using (var api = new GatewayApi(configuration))
            answer = await api.AskAsync<SpoolAnswer>("/api/v1/spool", null, cancellationToken);
        if (answer.Value is { } told) return Print(told, json, "coming in now");
        if (answer.IsRunning) return terminal.Fail(answer.Failure);
        return Inspect(configuration, "counting the store",
            spool => SpoolAnswer.Of(spool.Count(messages => progress.Step($"counting the store: {messages} messages"))),
            found => Print(found, json, SpoolPrinting.AfterCrash));
    }

    private int Print(SpoolAnswer found, bool json, string uploads)
    {
        if (json)
        {
            terminal.Out.WriteLine(GatewayQuestion.ToJson(found));
            return ExitCode.Done;
        }
        terminal.Out.WriteLine($"messages         {found.Messages}, {found.Octets} octets of content");
        foreach (var (reason, count) in found.Recipients)
            terminal.Out.WriteLine($"recipients       {count} {Words(reason)}");
        if (found.OldestAccepted is { } oldest)
        {
            var accepted = TimeZoneInfo.ConvertTime(oldest, time.LocalTimeZone);
            terminal.Out.WriteLine($"oldest           MID {found.OldestMid}" + accepted.ToString(
                ", 'accepted' yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        }
        if (found.Damaged > 0)
        {
            terminal.Out.WriteLine($"damaged          {found.Damaged} MIDs, of which nothing can be read; "
                + "'postern spool verify' names them, and 'postern spool repair' takes them out");
        }
        if (found.Uploads > 0) terminal.Out.WriteLine($"uploads          {found.Uploads}, {uploads}");
        terminal.Out.WriteLine($"files            {found.WalOctets} octets of log, {found.TableOctets} of tables");
        terminal.Out.WriteLine($"free             {found.FreeOctets} octets of the disk");
        return ExitCode.Done;
    }

    /// <summary><c>spool export MID [FILE]</c>: by the gateway that has the store open, else by the store.</summary>
    public async Task<int> ExportAsync(
        ConfigurationFile file, long mid, string? target, CancellationToken cancellationToken)
    {
        if (Read(file) is not { } configuration) return ExitCode.Failed;
        string? made = null;
        Stream Target()
        {
            if (target is null or "-") return Console.OpenStandardOutput();
            // Mail is as little for others as the data folder that it comes from.
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            var to = new FileStream(target, options);
            made = target;
            return to;
        }
        // Half a message looks like a whole one.
        void Unmake()
        {
            if (Volatile.Read(ref made) is { } half) File.Delete(half);
        }
        int Fail(string reason)
        {
            Unmake();
            return terminal.Fail(reason);
        }
        using var interruption = new Interruption(terminal, () =>
        {
            Unmake();
            return "the message was not written as a whole";
        });
        try
        {
            using (var api = new GatewayApi(configuration))
            {
                var path = string.Create(CultureInfo.InvariantCulture, $"/api/v1/messages/{mid}/content");
                var copy = await api.CopyAsync(path, Target, cancellationToken);
                if (copy.IsRunning) return copy.IsDone ? ExitCode.Done : Fail(copy.Failure);
            }
            using var spool = SpoolInspection.Open(DataFolder.SpoolIn(configuration.DataFolder));
            using var body = spool.OpenBody(new Mid(mid));
            // A look at mail is written down whoever takes it.
            await new CommandAudit(terminal, time).WriteAsync(configuration,
                string.Create(CultureInfo.InvariantCulture, $"spool export {mid}"), new AuditNote());
            await using var to = Target();
            for (var piece = body.ReadNext(); piece.Length > 0; piece = body.ReadNext())
                await to.WriteAsync(piece, cancellationToken);
            return ExitCode.Done;
        }
        catch (Exception e) when (e is SpoolException or IOException or UnauthorizedAccessException)
        {
            return Fail(e.Message);
        }
    }

    // Where no gateway has the store open.
    private int Inspect<T>(
        PosternConfiguration configuration, string what, Func<SpoolInspection, T> look, Func<T, int> print)
    {
        T found;
        try
        {
            using var line = progress.Begin(what);
            using var spool = SpoolInspection.Open(DataFolder.SpoolIn(configuration.DataFolder));
            found = look(spool);
        }
        catch (SpoolException e)
        {
            return terminal.Fail(e.Message);
        }
        return print(found);
    }

    private PosternConfiguration? Read(ConfigurationFile file)
    {
        var read = file.Read();
        foreach (var error in read.Errors) terminal.Error.WriteLine(error);
        return read.Configuration;
    }

    private static string Words(string reason) => reason switch
    {
        "untried" => "not tried yet",
        "deferred" => "deferred by a host",
        "forWantOfHost" => "held for want of a host",
        "uncertain" => "uncertain: no reply after the final dot",
        "paced" => "reports to a domain that has had its share of them for now",
        "unreadable" => "with content that could not be read",
        _ => reason,
    };
}
