using System.Security.Cryptography.X509Certificates;

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

    /// <summary>
    /// Does TLS by this certificate with its key: STARTTLS is offered in clear, and answered 220. Null: no TLS.
    /// </summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Answers STARTTLS; null: 220 where there is a certificate. A 220 begins TLS.</summary>
    public HostAnswer? StartTls { get; init; }

    /// <summary>The mechanisms that are offered for AUTH in clear; empty: AUTH is not.</summary>
    public string ClearMechanisms { get; init; } = "";

    /// <summary>The mechanisms that are offered for AUTH under TLS; empty: AUTH is not.</summary>
    public string TlsMechanisms { get; init; } = "";

    /// <summary>The account that AUTH must prove, and MAIL demands; null: none.</summary>
    public HostAccount? Account { get; init; }

    /// <summary>Answers AUTH, given the command; null: by the account, where it has the mechanism.</summary>
    public Func<string, HostAnswer>? Auth { get; init; }

    /// <summary>Answers NOOP and everything else.</summary>
    public HostAnswer Other { get; init; } = "500 5.5.1 unknown";

    /// <summary>The same without one extension.</summary>
    public HostScript Without(string keyword) => this with
    {
        Extensions = [.. Extensions.Where(line => !line.StartsWith(keyword, StringComparison.OrdinalIgnoreCase))],
    };
}
