using System.Globalization;

namespace Failover;

/// <summary>What to measure; each has an option of its name on the command line.</summary>
internal sealed record Options
{
    public const string Usage = """
        Measures Postern, Postfix and Exim while one of two equal destination hosts is in trouble.

        usage: failover [--cases a,b,c,d,e] [--only postern|postfix|exim] [--seconds N] [--healthy N] [--warmup N]
                        [--patience N] [--clients N] [--window N] [--length OCTETS] [--folder DIR] [--keep]
                        [--route-change]

          --cases     a: silent after accept; b: refuses; c: 421 in the banner; d: 452 to MAIL; e: 451 to every RCPT
                      (a,b,c,d,e)
          --only      one gateway alone
          --seconds   how long the bad host is in trouble (20)
          --healthy   seconds that measure the healthy rate, half of them before the trouble and half of them once the
                      host is used again (20)
          --warmup    seconds of load before anything is measured (8)
          --patience  seconds after the trouble, and after the load, before the bench waits no more (130)
          --clients   connections that send at the same time, each its next message after the 250 (40)
          --window    messages that may be in the gateway at a time; with more the clients wait (1000)
          --length    octets of a message's body (10240)
          --folder    where the spools go (/var/tmp)
          --keep      leaves spools and logs there
          --route-change  instead, with Postern alone: one route of 40,000 is changed six times under the load
        """;

    public IReadOnlyList<Trouble> Cases { get; init; } = Enum.GetValues<Trouble>()[1..];

    public string? Only { get; init; }

    public TimeSpan Bad { get; init; } = TimeSpan.FromSeconds(20);

    public TimeSpan Healthy { get; init; } = TimeSpan.FromSeconds(20);

    public TimeSpan Warmup { get; init; } = TimeSpan.FromSeconds(8);

    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(130);

    public int Clients { get; init; } = 40;

    public int Window { get; init; } = 1000;

    public int Length { get; init; } = 10_240;

    public string Folder { get; init; } = "/var/tmp";

    public bool Keep { get; init; }

    public bool RouteChange { get; init; }

    public IReadOnlyList<string> Names =>
        RouteChange ? ["postern"] : Only is { } only ? [only] : ["postern", "postfix", "exim"];

    /// <summary>Reads the command line; null where it is not understood.</summary>
    public static Options? Parse(IReadOnlyList<string> args)
    {
        var options = new Options();
        for (var index = 0; index < args.Count; index++)
        {
            if (args[index] is "--keep" or "--route-change")
            {
                options = args[index] == "--keep" ? options with { Keep = true } : options with { RouteChange = true };
                continue;
            }

            var next = index + 1 < args.Count ? options.With(args[index], args[++index]) : null;
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
        var time = TimeSpan.FromSeconds(Math.Max(0, number));
        return (name, value) switch
        {
            ("--cases", _) => ReadCases(value) is { } cases ? this with { Cases = cases } : null,
            ("--only", "postern" or "postfix" or "exim") => this with { Only = value },
            ("--seconds", _) when number > 0 => this with { Bad = time },
            ("--healthy", _) when number > 0 => this with { Healthy = time },
            ("--warmup", _) when number >= 0 => this with { Warmup = time },
            ("--patience", _) when number > 0 => this with { Patience = time },
            ("--clients", _) when number > 0 => this with { Clients = number },
            ("--window", _) when number > 0 => this with { Window = number },
            ("--length", _) when number > 0 => this with { Length = number },
            ("--folder", _) => this with { Folder = value },
            _ => null,
        };
    }

    private static List<Trouble>? ReadCases(string value)
    {
        var cases = value.Split(',').Select(letter => letter is [>= 'a' and <= 'e']
            ? (Trouble)(letter[0] - 'a' + 1) : Trouble.None).ToList();
        return cases.Contains(Trouble.None) ? null : cases;
    }
}
