using System.Globalization;
using Postern.Admin;
using Postern.Delivery.Reports;

namespace Postern.Commands;

/// <summary>The commands that list and change what waits in the running gateway.</summary>
internal sealed class QueueCommands(Terminal terminal, TimeProvider time)
{
    private readonly GatewayQuestion question = new(terminal, time);

    /// <summary><c>showrecipients</c>.</summary>
    public async Task<int> ShowAsync(
        ConfigurationFile file, string selection, int limit, long after, bool json, CancellationToken cancellationToken)
    {
        var path = $"/api/v1/queue?{selection}&limit={limit}&after={after}";
        var page = await question.AskAsync<QueueListing>(file, path, null, cancellationToken);
        if (page is null) return ExitCode.Failed;
        if (json) terminal.Out.WriteLine(GatewayQuestion.ToJson(page));
        else QueuePrinting.Print(terminal.Out, page, time);
        return ExitCode.Done;
    }

    /// <summary>
    /// <c>deleterecipients</c>, <c>bouncerecipients</c>, <c>redirectrecipients</c>: says how much it touches first.
    /// </summary>
    /// <param name="file">The configuration.</param>
    /// <param name="verb">What the API calls it.</param>
    /// <param name="done">What was done, in a word.</param>
    /// <param name="selection">The query that selects.</param>
    /// <param name="more">What else the request says.</param>
    /// <param name="yes">Nobody is asked.</param>
    /// <param name="json">Prints the answer as it came.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<int> ChangeAsync(
        ConfigurationFile file, string verb, string done, string selection, string more, bool yes, bool json,
        CancellationToken cancellationToken)
    {
        var count = await FollowAsync(
            file, HttpMethod.Get, $"count?{selection}", "counted", cancellationToken);
        if (count is null) return ExitCode.Failed;
        var touched = $"{Recipients(count.Recipients)} in {Messages(count.Messages)} would be {done}";
        // Nothing but the answer goes to stdout where a program reads it.
        if (!(yes && json) && terminal.Refuses(touched, yes) is { } refusal) return refusal;
        // Mail that has come in since it was counted is not among what was said.
        var request = string.Create(
            CultureInfo.InvariantCulture, $"{verb}?{selection}&upTo={count.UpTo}{more}");
        return await DoAsync(file, request, done, json, cancellationToken);
    }

    /// <summary><c>delivernow</c>, which destroys nothing.</summary>
    public Task<int> DeliverAsync(
        ConfigurationFile file, string selection, bool json, CancellationToken cancellationToken) =>
        DoAsync(file, $"deliver?{selection}", "released for an attempt at once", json, cancellationToken);

    /// <summary><c>suspenddel</c>, <c>resumedel</c>, <c>suspendlistener</c>, <c>resumelistener</c>.</summary>
    /// <param name="file">The configuration.</param>
    /// <param name="path">The request.</param>
    /// <param name="resumed">A receiving domain whose delivery is to go on; null: none alone.</param>
    /// <param name="json">Prints the answer as it came.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<int> SuspendAsync(
        ConfigurationFile file, string path, string? resumed, bool json, CancellationToken cancellationToken)
    {
        var report = await question.AskAsync<SuspensionReport>(file, path, [], cancellationToken);
        if (report is null) return ExitCode.Failed;
        if (json) terminal.Out.WriteLine(GatewayQuestion.ToJson(report));
        else QueuePrinting.Print(terminal.Out, report);
        if (resumed is not null && report.AllDelivery && !json)
            terminal.Out.WriteLine($"Mail for {resumed} still waits: 'postern resumedel' resumes all delivery.");
        return ExitCode.Done;
    }

    private async Task<int> DoAsync(
        ConfigurationFile file, string request, string done, bool json, CancellationToken cancellationToken)
    {
        var report = await FollowAsync(file, HttpMethod.Post, request, done, cancellationToken);
        if (report is null) return ExitCode.Failed;
        if (json)
        {
            terminal.Out.WriteLine(GatewayQuestion.ToJson(report));
            return ExitCode.Done;
        }
        terminal.Out.WriteLine($"{Recipients(report.Recipients)} in {Messages(report.Messages)}: {done}");
        Tell(report.LeftAlone, "left alone: in delivery at this moment, or uncertain");
        Tell(report.Suspended, "not tried: delivery is suspended, until 'postern resumedel'");
        Tell(report.Drained, "not tried: every host of the route is drained, until 'postern undrain'");
        Tell(report.ToDevNull, "not tried: the route is /dev/null now; held until deleted, redirected or expired");
        return ExitCode.Done;
    }

    // Null: it did not come to its end, and it was told how far it came.
    private async Task<OperationReport?> FollowAsync(
        ConfigurationFile file, HttpMethod method, string request, string done, CancellationToken cancellationToken)
    {
        OperationStep? last = null;
        string Reached(OperationStep step) => (step.IsLast ? "until then " : "until then at least ")
            + $"{Recipients(step.Done.Recipients)} in {Messages(step.Done.Messages)}: {done}";
        var progress = new Progress(terminal, time);
        using var line = progress.Begin(done);
        string Told(string failure)
        {
            line.Dispose();
            return last is null ? failure : $"{failure.TrimEnd('.')}; {Reached(last)}";
        }
        string Interrupted()
        {
            line.Dispose();
            var step = Volatile.Read(ref last);
            if (method == HttpMethod.Get) return "nothing was changed";
            if (step is { IsLast: true }) return Reached(step);
            return (step is null ? "how much was done by then is not known" : Reached(step))
                + "; the gateway ends the work behind the part that it has begun, and its audit log tells how much "
                + "that was";
        }
        using var interruption = new Interruption(terminal, Interrupted);
        var end = await question.FollowAsync<OperationStep>(file, method, $"/api/v1/queue/{request}", step =>
        {
            Volatile.Write(ref last, step);
            progress.Step($"{Recipients(step.Done.Recipients)} {done}");
        }, Told, cancellationToken);
        if (end is null) return null;
        if (end is { IsLast: true, Failure: null }) return end.Done;
        terminal.Fail(Told(end.Failure ?? "the gateway has ended"));
        return null;
    }

    private void Tell(int recipients, string what)
    {
        if (recipients > 0) terminal.Out.WriteLine($"{Recipients(recipients)} {what}");
    }

    private static string Recipients(int count) => count == 1 ? "1 recipient" : $"{count} recipients";

    private static string Messages(int count) => count == 1 ? "1 message" : $"{count} messages";
}
