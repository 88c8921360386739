namespace Postern.TestHosts;

/// <summary>
/// How a scripted host behaves at each stage. Immutable; a host looks at its script anew at every command, so that
/// putting another one in its place changes it while it runs. The defaults take every message.
/// </summary>
public sealed record HostScript
{
    /// <summary>Answers a new connection.</summary>
    public HostAnswer Banner { get; init; } = "220 host.example ESMTP";

    /// <summary>Answers EHLO; null: 250 with <see cref="Extensions"/>.</summary>
    public HostAnswer? Ehlo { get; init; }

    /// <summary>Answers HELO.</summary>
    public HostAnswer Helo { get; init; } = "250 host.example";

    /// <summary>The lines of the reply to EHLO behind the first.</summary>
    public IReadOnlyList<string> Extensions { get; init; } =
        ["PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES"];

    /// <summary>Answers MAIL.</summary>
    public Func<HostTransaction, HostAnswer> Mail { get; init; } = _ => "250 2.1.0 ok";

    /// <summary>Answers RCPT, given the forward-path.</summary>
    public Func<HostTransaction, string, HostAnswer> Rcpt { get; init; } = (_, _) => "250 2.1.5 ok";

    /// <summary>Answers DATA; null: 354, or 554 when no recipient was accepted.</summary>
    public Func<HostTransaction, HostAnswer>? Data { get; init; }

    /// <summary>Answers the final dot. A 2xx takes the message.</summary>
    public Func<HostTransaction, HostAnswer> Dot { get; init; } = _ => "250 2.0.0 accepted";

    /// <summary>Octets of content after which <see cref="EarlyAnswer"/> comes; null: never.</summary>
    public long? EarlyAfter { get; init; }

    /// <summary>What comes before the final dot; the host reads no further.</summary>
    public HostAnswer EarlyAnswer { get; init; } = "452 4.3.1 full";

    /// <summary>What the host waits for before it reads content; null: nothing.</summary>
    public Task? ContentGate { get; init; }

    /// <summary>Answers RSET.</summary>
    public HostAnswer Rset { get; init; } = "250 2.0.0 reset";

    /// <summary>Answers QUIT.</summary>
    public HostAnswer Quit { get; init; } = HostAnswer.SayAndDrop("221 2.0.0 bye");

    /// <summary>Answers NOOP and everything else.</summary>
    public HostAnswer Other { get; init; } = "500 5.5.1 unknown";

    /// <summary>The same without one extension.</summary>
    public HostScript Without(string keyword) => this with
    {
        Extensions = [.. Extensions.Where(line => !line.StartsWith(keyword, StringComparison.OrdinalIgnoreCase))],
    };
}
