using Postern.Admin;
using Postern.Delivery.Deciding;
using Postern.Delivery.Reports;
using Postern.Reporting;

namespace Postern.Commands;

/// <summary>The commands that show what the running gateway does.</summary>
internal sealed class StatusCommands(Terminal terminal, TimeProvider time)
{
    private readonly GatewayQuestion question = new(terminal);

    /// <summary><c>hoststatus HOST</c>.</summary>
    public Task<int> HostAsync(ConfigurationFile file, string host, bool json, CancellationToken cancellationToken)
    {
        if (!HostSelector.TryParse(host, out var selector))
        {
            return Task.FromResult(terminal.Misused(
                $"'{host}' is no host; write example.com, 10.0.0.1:25, [2001:db8::1]:25 or relay.example"));
        }
        return ShowAsync<HostStatus>(file, $"/api/v1/hosts/{Uri.EscapeDataString(selector.ToString())}", json,
            status => StatusPrinting.Print(terminal.Out, status, time), cancellationToken);
    }

    /// <summary><c>tophosts</c>.</summary>
    public Task<int> TopAsync(
        ConfigurationFile file, string sort, int limit, bool json, CancellationToken cancellationToken) =>
        ShowAsync<DestinationsAnswer>(file, $"/api/v1/destinations?sort={sort}&limit={limit}", json,
            answer => StatusPrinting.Print(terminal.Out, answer, time), cancellationToken);

    /// <summary><c>status</c>.</summary>
    public Task<int> StatusAsync(ConfigurationFile file, bool json, CancellationToken cancellationToken) =>
        ShowAsync<GatewayStatus>(file, "/api/v1/status", json,
            status => StatusPrinting.Print(terminal.Out, status, time), cancellationToken);

    /// <summary><c>rate</c>: a line at once, and one after each interval; <paramref name="count"/> 0: for ever.
    /// </summary>
    public async Task<int> RateAsync(
        ConfigurationFile file, TimeSpan interval, int count, bool json, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        GatewayStatus? before = null;
        for (var line = 0; count == 0 || line < count; line++)
        {
            if (line > 0) await timer.WaitForNextTickAsync(cancellationToken);
            if (await question.AskAsync<GatewayStatus>(file, "/api/v1/status", null, cancellationToken) is not { } now)
                return ExitCode.Failed;
            if (json) terminal.Out.WriteLine(GatewayQuestion.ToLine(RateLine.Of(before, now)));
            else StatusPrinting.Print(terminal.Out, RateLine.Of(before, now), line, time);
            terminal.Out.Flush();
            before = now;
        }
        return ExitCode.Done;
    }

    private async Task<int> ShowAsync<T>(
        ConfigurationFile file, string path, bool json, Action<T> print, CancellationToken cancellationToken)
        where T : class
    {
        if (await question.AskAsync<T>(file, path, null, cancellationToken) is not { } answer) return ExitCode.Failed;
        if (json) terminal.Out.WriteLine(GatewayQuestion.ToJson(answer));
        else print(answer);
        return ExitCode.Done;
    }
}

/// <summary>A line of <c>rate</c>; deltas are since the line before, and 0 in the first.</summary>
internal sealed record RateLine(
    DateTimeOffset At, int ConnectionsIn, int ConnectionsOut, long Received, long ReceivedDelta, long Completed,
    long CompletedDelta, long ActiveRecipients, int Messages)
{
    /// <summary>The line of a moment.</summary>
    public static RateLine Of(GatewayStatus? before, GatewayStatus now)
    {
        var (received, completed) =
            (now.Counters[MailCounter.InjectedRecipients], now.Counters[MailCounter.CompletedRecipients]);
        return new RateLine(now.Now, now.ConnectionsIn, now.Delivery.Connections,
            received, before is null ? 0 : received - before.Counters[MailCounter.InjectedRecipients],
            completed, before is null ? 0 : completed - before.Counters[MailCounter.CompletedRecipients],
            now.Delivery.ActiveRecipients, now.Delivery.Messages);
    }
}
