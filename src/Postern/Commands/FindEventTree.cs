using System.CommandLine;
using System.Globalization;
using Postern.Mail;

namespace Postern.Commands;

/// <summary><c>postern findevent</c> with its options and help.</summary>
internal static class FindEventTree
{
    /// <summary>Messages that are shown unless more are asked for.</summary>
    private const int ShownUnlessAsked = 20;

    private const int MaxShown = 1000;

    private static readonly string[] timeForms =
        ["yyyy-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];

    /// <summary>Builds the command.</summary>
    public static PosternCommand Build(Terminal terminal, TimeProvider time, Option<string?> configuration)
    {
        (string Parameter, Option<string?> Option)[] options =
        [
            ("mid", Text("--mid", "MID", "This message.")),
            ("icid", Text("--icid", "ICID", "Came on this connection; 0: made by the gateway itself.")),
            ("dcid", Text("--dcid", "DCID", "Offered on this connection.")),
            ("sender", Text("--sender", "TEXT", "A part of the reverse-path; \"<>\" for bounces.")),
            ("recipient", Text("--recipient", "TEXT", "A part of a recipient's address, also of a refused one.")),
            ("subject", Text("--subject", "TEXT", "A part of the Subject.")),
            ("host", Text("--host", "HOST",
                "Came from or was offered to it: ADDRESS, ADDRESS:PORT, a client's name; or a receiving domain.")),
            ("since", Text("--since", "TIME",
                "Began then or later: 4h for four hours ago, 2026-11-26, or \"2026-11-26 14:00\".")),
            ("until", Text("--until", "TIME", "Began before that time.")),
        ];
        var limit = CommandTree.Number(
            "--limit", $"Messages that are shown, 1 to {MaxShown}.", ShownUnlessAsked, MaxShown);
        var after = new Option<string?>("--after")
        {
            HelpName = "PLACE",
            Description = "Go on where an earlier search ended, as it said.",
        };
        var json = CommandTree.Json();
        var command = new PosternCommand("findevent",
            "Find messages in the mail log and print all that it tells of each: its connections, its recipients, "
            + "every attempt, and reports on it.",
            "postern findevent --sender alice@src.example --since 4h\npostern findevent --mid 6 --json")
            { limit, after, json };
        foreach (var (_, option) in options) command.Add(option);
        command.Validators.Add(result =>
        {
            foreach (var (parameter, option) in options)
                if (result.GetValue(option) is { } text && Wrong(parameter, text, time) is { } wrong)
                    result.AddError(wrong);
            if (options.All(o => result.GetValue(o.Option) is null))
                result.AddError("say what is looked for: --mid, --sender, --recipient, another option, or --since");
        });
        command.SetAction((result, cancel) => new FindEventCommand(terminal, time).RunAsync(
            ConfigurationFile.Of(result.GetValue(configuration)), QueryOf(result, options, time),
            result.GetValue(limit), result.GetValue(after) ?? "", result.GetValue(json), cancel));
        return command;
    }

    private static string QueryOf(
        ParseResult result, (string Parameter, Option<string?> Option)[] options, TimeProvider time) =>
        string.Join('&', options.Select(o => (o.Parameter, Value: result.GetValue(o.Option)))
            .Where(o => o.Value is not null)
            .Select(o => $"{o.Parameter}={Uri.EscapeDataString(Sent(o.Parameter, o.Value!, time))}"));

    private static string Sent(string parameter, string text, TimeProvider time) => parameter is "since" or "until"
        ? TimeOf(text, time)!.Value.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture) : text;

    private static string? Wrong(string parameter, string text, TimeProvider time) => parameter switch
    {
        "mid" or "icid" or "dcid" when !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) =>
            $"'{text}' is no {parameter.ToUpperInvariant()}; write the number that the mail log shows",
        "since" or "until" when TimeOf(text, time) is null =>
            $"'{text}' is no time; write 4h for four hours ago, 2026-11-26 or \"2026-11-26 14:00\"",
        _ when text.Length == 0 => $"--{parameter} is empty",
        _ => null,
    };

    // So long ago, or local time, or a time with its offset.
    private static DateTimeOffset? TimeOf(string text, TimeProvider time)
    {
        var now = time.GetUtcNow();
        if (Amounts.TryParseDuration(text, out var ago))
            return ago < now - DateTimeOffset.UnixEpoch ? now - ago : null;
        if (DateTime.TryParseExact(
            text, timeForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            return new DateTimeOffset(local, time.LocalTimeZone.GetUtcOffset(local));
        return DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss'Z'"],
            CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
    }

    private static Option<string?> Text(string name, string form, string description) =>
        new(name) { HelpName = form, Description = description };
}
