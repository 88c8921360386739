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
    /// <summary><c>spool verify</c>: by the gateway that has the store open, else by the store.</summary>
    public async Task<int> VerifyAsync(ConfigurationFile file, bool json, CancellationToken cancellationToken)
    {
        if (Read(file) is not { } configuration) return ExitCode.Failed;
        using (var api = GatewayApi.Find(configuration, out _))
        {
            var answer = api is null ? null : await api.FollowAsync<SpoolCheck>(configuration, HttpMethod.Get,
                "/api/v1/spool/verification", step => Progress(step.Records), cancellationToken);
            if (answer is { IsRunning: true })
            {
                EndProgress();
                if (answer.Value is not { } last) return terminal.Fail(answer.Failure);
                return last.Verdict is { } verdict ? SpoolPrinting.Print(terminal, verdict, json, "coming in now")
                    : terminal.Fail(last.Failure ?? "the gateway has ended");
            }
        }
        return Inspect(file, spool =>
        {
            var verdict = SpoolVerdict.Of(spool.Verify(Progress));
            EndProgress();
            return SpoolPrinting.Print(terminal, verdict, json, SpoolPrinting.AfterCrash);
        });
    }

    /// <summary><c>spool stats</c>: by the gateway that has the store open, else by the store.</summary>
    public async Task<int> StatsAsync(ConfigurationFile file, bool json, CancellationToken cancellationToken)
    {
        if (Read(file) is not { } configuration) return ExitCode.Failed;
        using (var api = GatewayApi.Find(configuration, out _))
        {
            var answer = api is null ? null
                : await api.AskAsync<SpoolAnswer>(configuration, "/api/v1/spool", null, cancellationToken);
            if (answer is { IsRunning: true } and { IsDone: false }) return terminal.Fail(answer.Failure);
            if (answer?.Value is { } told) return Print(told, json, "coming in now");
        }
        return Inspect(file, spool => Print(SpoolAnswer.Of(spool.Count()), json, SpoolPrinting.AfterCrash));
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
        int Fail(string reason)
        {
            // Half a message looks like a whole one.
            if (made is not null) File.Delete(made);
            return terminal.Fail(reason);
        }
        try
        {
            using (var api = GatewayApi.Find(configuration, out _))
            {
                var path = string.Create(CultureInfo.InvariantCulture, $"/api/v1/messages/{mid}/content");
                var copy = api is null ? null : await api.CopyAsync(configuration, path, Target, cancellationToken);
                if (copy is { IsRunning: true })
                    return copy.IsDone ? ExitCode.Done : Fail(copy.Failure);
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

    private int Inspect(ConfigurationFile file, Func<SpoolInspection, int> look)
    {
        if (Open(file) is not { } spool) return ExitCode.Failed;
        using (spool)
        {
            try
            {
                return look(spool);
            }
            catch (SpoolException e)
            {
                return terminal.Fail(e.Message);
            }
        }
    }

    private PosternConfiguration? Read(ConfigurationFile file)
    {
        var read = file.Read();
        foreach (var error in read.Errors) terminal.Error.WriteLine(error);
        return read.Configuration;
    }

    private SpoolInspection? Open(ConfigurationFile file)
    {
        if (Read(file) is not { } configuration) return null;
        try
        {
            return SpoolInspection.Open(DataFolder.SpoolIn(configuration.DataFolder));
        }
        catch (SpoolException e)
        {
            terminal.Fail(e.Message);
            return null;
        }
    }

    private void Progress(long records)
    {
        if (terminal.Interactive) terminal.Error.Write($"\r{records} records");
    }

    private void EndProgress()
    {
        if (terminal.Interactive) terminal.Error.Write("\r\n");
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
