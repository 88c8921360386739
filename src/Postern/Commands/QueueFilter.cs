using System.CommandLine;

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
        ("reason", Text("--reason", "REASON", "Held, and why: mail, host or uncertain.")),
    ];

    private readonly Option<bool> all = new("--all") { Description = "All mail." };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var (_, option) in options) command.Add(option);
        command.Add(all);
        command.Validators.Add(result =>
        {
            var isGiven = options.Any(o => result.GetValue(o.Option) is not null);
            if (!isGiven && !result.GetValue(all))
                result.AddError("say which mail is meant: --host, --sender, --mid, another filter, or --all");
        });
    }

    /// <summary>What was given, as the query of a request.</summary>
    public string QueryOf(ParseResult result)
    {
        var given = options.Select(o => (o.Parameter, Value: result.GetValue(o.Option))).Where(o => o.Value is not null)
            .Select(o => $"{o.Parameter}={Uri.EscapeDataString(o.Value!)}").ToList();
        return given.Count == 0 ? "all=true" : string.Join('&', given);
    }

    private static Option<string?> Text(string name, string form, string description) =>
        new(name) { HelpName = form, Description = description };
}
