using System.Globalization;

namespace HeldQueue;

/// <summary>What to measure; each has an option of its name on the command line.</summary>
internal sealed record Options
{
    public const string Usage = """
        Measures Postern with a queue that is full of held mail.

        usage: queue [--recipients N] [--domains N] [--per-message N,N] [--seconds N]
                      [--folder DIR] [--keep] [--fed]

          --recipients   held recipients in the spool (1000000)
          --domains      receiving domains that they are spread over (10000)
          --per-message  recipients of a message, one run for each number (1,10)
          --seconds      how long mail is sent through while the queue is listed, and before that without (10)
          --folder       where the spools go (/var/tmp)
          --keep         leaves spools and logs there
          --fed          the queue comes in over SMTP while the gateway runs, and its memory alone is measured
        """;

    public int Recipients { get; init; } = 1_000_000;

    public int Domains { get; init; } = 10_000;

    public IReadOnlyList<int> PerMessage { get; init; } = [1, 10];

    public int Seconds { get; init; } = 10;

    public string Folder { get; init; } = "/var/tmp";

    public bool Keep { get; init; }

    public bool Fed { get; init; }

    /// <summary>Reads the command line; null where it is not understood.</summary>
    public static Options? Parse(IReadOnlyList<string> args)
    {
        var options = new Options();
        for (var index = 0; index < args.Count; index++)
        {
            if (args[index] is "--keep" or "--fed")
            {
                options = args[index] == "--fed" ? options with { Fed = true } : options with { Keep = true };
                continue;
            }

            if (index + 1 >= args.Count || options.With(args[index], args[++index]) is not { } next)
            {
                return null;
            }

            options = next;
        }

        return options;
    }

    private Options? With(string name, string value)
    {
        var numbers = value.Split(',').Select(NumberIn).ToList();
        var number = numbers[0];
        return name switch
        {
            "--folder" => this with { Folder = value },
            _ when numbers.Contains(0) => null,
            "--per-message" => this with { PerMessage = numbers },
            "--recipients" => this with { Recipients = number },
            "--domains" => this with { Domains = number },
            "--seconds" => this with { Seconds = number },
            _ => null,
        };
    }

    private static int NumberIn(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
