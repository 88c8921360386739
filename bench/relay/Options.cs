using System.Globalization;

namespace Relay;

/// <summary>What to measure; each has an option of its name on the command line.</summary>
internal sealed record Options
{
    public const string Usage = """
        Measures Postern beside Postfix: messages a second from smtp-source through the gateway to smtp-sink.

        usage: relay [--messages N] [--warmup N] [--rounds N] [--clients N] [--length OCTETS] [--counted N]
                     [--mode single|kept|both] [--only postern|postfix] [--watch N] [--folder DIR]

          --messages  messages of a measured run (10000)
          --warmup    messages sent to a fresh gateway before it is measured (10000)
          --rounds    runs of each gateway in each mode, in turns (3)
          --clients   connections at the same time (40)
          --length    octets of a message's body (10240)
          --counted   messages of the run that counts syncs under strace, 0 for none (2000)
          --mode      a connection a message, kept connections, or both (both)
          --only      one gateway alone
          --watch     measures, in place of Postfix, what it costs Postern that N people have each page
                      open that goes on by itself, and a reader of the events each, 1 to 10 (0);
                      a round is a load alone and one watched, in the same process
          --folder    where the spools go (/var/tmp); the same file system for both
        """;

    public int Messages { get; init; } = 10_000;

    public int Warmup { get; init; } = 10_000;

    public int Rounds { get; init; } = 3;

    public int Clients { get; init; } = 40;

    public int Length { get; init; } = 10_240;

    public int Counted { get; init; } = 2_000;

    public IReadOnlyList<bool> KeptModes { get; init; } = [false, true];

    public string? Only { get; init; }

    public int Watch { get; init; }

    public string Folder { get; init; } = "/var/tmp";

    /// <summary>Reads the command line; null where it is not understood.</summary>
    public static Options? Parse(IReadOnlyList<string> args)
    {
        var options = new Options();
        for (var index = 0; index < args.Count; index += 2)
        {
            var next = index + 1 < args.Count ? options.With(args[index], args[index + 1]) : null;
            if (next is null)
            {
                return null;
            }

            options = next;
        }

        return options;
    }

    private Options? With(string name, string value)
    {
        var number = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var read) ? read : -1;
        return (name, value) switch
        {
            ("--messages", _) when number > 0 => this with { Messages = number },
            ("--warmup", _) when number >= 0 => this with { Warmup = number },
            ("--rounds", _) when number > 0 => this with { Rounds = number },
            ("--clients", _) when number > 0 => this with { Clients = number },
            ("--length", _) when number > 0 => this with { Length = number },
            ("--counted", _) when number >= 0 => this with { Counted = number },
            ("--mode", "single") => this with { KeptModes = [false] },
            ("--mode", "kept") => this with { KeptModes = [true] },
            ("--mode", "both") => this with { KeptModes = [false, true] },
            ("--only", "postern" or "postfix") => this with { Only = value },
            ("--watch", _) when number is > 0 and <= 10 => this with { Watch = number },
            ("--folder", _) => this with { Folder = value },
            _ => null,
        };
    }
}
