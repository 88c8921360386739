using System.CommandLine;
using System.Globalization;
using System.Text;
using Postern.Mail;

namespace Postern.Commands;

/// <summary>The options that say which mail of the queue a command means.</summary>
internal sealed class QueueFilter
{
    private readonly (string Parameter, Option<string?> Option)[] options =
    [
        ("host", Text("--host", "DOMAIN", "The receiving domain, or an address in brackets.")),
        ("sender", Text("--sender", "ADDRESS", "The reverse-path; \"<>\" for bounces.")),
        ("mid", Text("--mid", "MID", "One message.")),
        ("recipient", Text("--recipient", "TEXT", "A part of a recipient's address.")),
        ("older", Text("--older", "DURATION", "Accepted longer ago than 90s, 15m, 4h.")),
        ("larger", Text("--larger", "SIZE", "At least 500KB, 10MB.")),
        ("attempts", Text("--attempts", "N", "At least so many rounds without a result.")),
        ("reason", Text("--reason", "REASON", "Held, and why: mail, host, uncertain, pace or content.")),
    ];

    private readonly Option<bool> all = new("--all") { Description = "All mail." };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var (_, option) in options) command.Add(option);
        command.Add(all);
        command.Validators.Add(result =>
        {
            foreach (var (parameter, option) in options)
                if (result.GetValue(option) is { } text && Wrong(parameter, text) is { } wrong) result.AddError(wrong);
            if (!options.Any(o => Restricts(o.Parameter, result.GetValue(o.Option))) && !result.GetValue(all))
                result.AddError("say which mail is meant: --host, --sender, --mid, another filter, or --all");
        });
    }

    /// <summary>What was given, as the query of a request.</summary>
    public string QueryOf(ParseResult result)
    {
        var given = options.Select(o => (o.Parameter, Value: result.GetValue(o.Option))).Where(o => o.Value is not null)
            .Select(o => $"{o.Parameter}={Uri.EscapeDataString(o.Value!)}").ToList();
        if (result.GetValue(all)) given.Add("all=true");
        return string.Join('&', given);
    }

    // None at all, or an amount that every message has.
    private static bool Restricts(string parameter, string? text) => text is not null && parameter switch
    {
        "older" => !Amounts.TryParseDuration(text, out var age) || age > TimeSpan.Zero,
        "larger" => !Amounts.TryParseSize(text, out var octets) || octets > 0,
        "attempts" => !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rounds)
            || rounds > 0,
        _ => true,
    };

    private static string? Wrong(string parameter, string text) => parameter switch
    {
        _ when text.Length == 0 => $"--{parameter} is empty; leave it out, or say what is meant"
            + (parameter == "sender" ? ": \"<>\" means bounces" : ""),
        "host" when !IsReceivingDomain(text) => $"'{text}' is no receiving domain; write example.com or [10.1.2.3]",
        "mid" => MidInput.Wrong(text),
        "older" when !Amounts.TryParseDuration(text, out _) => $"'{text}' is no duration; write 90s, 15m or 4h",
        "larger" when !Amounts.TryParseSize(text, out _) => $"'{text}' is no size; write 500KB or 10MB",
        "attempts" when !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) =>
            $"'{text}' is no number of rounds",
        "reason" when text is not ("mail" or "host" or "uncertain" or "pace" or "content") =>
            $"'{text}' is no reason; write mail, host, uncertain, pace or content",
        _ => null,
    };

    /// <summary>A domain, or an address in brackets.</summary>
    public static bool IsReceivingDomain(string text) => Mailbox.TryParse(
        Encoding.UTF8.GetBytes($"postmaster@{text}"), smtpUtf8: true, out _);

    private static Option<string?> Text(string name, string form, string description) =>
        new(name) { HelpName = form, Description = description };
}
