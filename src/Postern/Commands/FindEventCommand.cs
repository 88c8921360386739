using System.Globalization;
using Postern.Reporting.Searching;

namespace Postern.Commands;

/// <summary><c>findevent</c>: asks the running gateway page by page, and prints each message as it is found.</summary>
internal sealed class FindEventCommand(Terminal terminal, TimeProvider time)
{
    private const string Searching = "searching the mail log";

    private readonly GatewayQuestion question = new(terminal);
    private readonly Progress progress = new(terminal, time);

    /// <summary>Runs it.</summary>
    /// <param name="file">The configuration.</param>
    /// <param name="query">What is looked for, as the query of a request.</param>
    /// <param name="limit">Messages at most.</param>
    /// <param name="after">Where to begin; empty: the oldest file.</param>
    /// <param name="json">One JSON document.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<int> RunAsync(
        ConfigurationFile file, string query, int limit, string after, bool json, CancellationToken cancellationToken)
    {
        var told = new List<ToldMessage>();
        var shown = new HashSet<(long, DateTimeOffset?)>();
        var next = after;
        var waiting = progress.Begin(Searching);
        try
        {
            do
            {
                var page = await question.AskAsync<LogMatches>(file, $"/api/v1/log/messages?{query}"
                    + $"&limit={limit - shown.Count}{AfterOf('&', next)}", null, cancellationToken);
                if (page is null) return ExitCode.Failed;
                // A message that was offered again is found once more.
                foreach (var match in page.Messages.Where(m => shown.Add((m.Mid, m.Started))))
                {
                    waiting.Dispose();
                    var message = new ToldMessage(match.Mid, match.Started, []);
                    if (!json) Print(match, shown.Count > 1);
                    if (!await TellAsync(file, match, json ? message.Lines.AddRange : Print, cancellationToken))
                        return ExitCode.Failed;
                    if (json) told.Add(message);
                    waiting = progress.Begin(Searching);
                }
                next = page.Next;
            }
            while (next is not null && shown.Count < limit);
        }
        finally
        {
            waiting.Dispose();
        }
        if (json) terminal.Out.WriteLine(GatewayQuestion.ToJson(new FoundMessages(told, next)));
        else PrintEnd(shown.Count, next);
        return ExitCode.Done;
    }

    private async Task<bool> TellAsync(
        ConfigurationFile file, LogMatch match, Action<IEnumerable<LogStoryLine>> tell,
        CancellationToken cancellationToken)
    {
        var mid = match.Mid.ToString(CultureInfo.InvariantCulture);
        for (var at = match.At; at is not null;)
        {
            LogStory? page;
            using (progress.Begin($"reading on MID {mid}"))
            {
                page = await question.AskAsync<LogStory>(
                    file, $"/api/v1/log/messages/{mid}{AfterOf('?', at)}", null, cancellationToken);
            }
            if (page is null) return false;
            tell(page.Lines);
            at = page.Next;
        }
        return true;
    }

    // The first page is behind nothing.
    private static string AfterOf(char separator, string at) =>
        at.Length == 0 ? "" : $"{separator}after={Uri.EscapeDataString(at)}";

    private void Print(LogMatch match, bool isFurther)
    {
        if (isFurther) terminal.Out.WriteLine();
        var began = match.Started?.ToString("ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture)
            ?? "its beginning is not in the log";
        terminal.Out.WriteLine($"MID {match.Mid} ({began})");
    }

    // Text from peers is escaped in the log already.
    private void Print(IEnumerable<LogStoryLine> lines)
    {
        foreach (var line in lines) terminal.Out.WriteLine(line.Line);
    }

    private void PrintEnd(int count, string? next)
    {
        if (count == 0 && next is null) terminal.Out.WriteLine("No message in the mail log fits.");
        if (next is null) return;
        if (count > 0) terminal.Out.WriteLine();
        terminal.Out.WriteLine($"There may be more: --after {next}");
    }
}

/// <summary>What <c>findevent --json</c> prints; <paramref name="Next"/>: where to go on, null: nowhere.</summary>
internal sealed record FoundMessages(IReadOnlyList<ToldMessage> Messages, string? Next);

/// <summary>A message with all lines that tell of it.</summary>
internal sealed record ToldMessage(long Mid, DateTimeOffset? Started, List<LogStoryLine> Lines);
