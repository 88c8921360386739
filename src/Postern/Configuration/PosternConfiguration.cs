using System.Net;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Alerts;
using Postern.Delivery;
using Postern.Spool;

namespace Postern.Configuration;

/// <summary>A listener (<c>[[listener]]</c>). Immutable.</summary>
public sealed record ListenerSettings
{
    /// <summary>Unique; the log names the interface by it.</summary>
    public string Name { get; init; } = "incoming";
    /// <summary>Where it listens; port 0: any free one.</summary>
    public IPEndPoint Address { get; init; } = new(IPAddress.Loopback, 2525);
    /// <summary>Clients that may send to any domain.</summary>
    public IReadOnlyList<IPNetwork> RelayFrom { get; init; } = [IPNetwork.Parse("127.0.0.0/8")];
    /// <summary>Recipient domains taken from everybody else: A-labels; with a leading dot every name below.</summary>
    public IReadOnlyList<string> AcceptFor { get; init; } = [];
}

/// <summary>DNS (<c>[dns]</c>). Immutable.</summary>
public sealed record DnsSettings
{
    /// <summary>Servers; empty: those of the system.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];
    /// <summary>Addresses that DNS may not lead mail to.</summary>
    public IReadOnlyList<IPNetwork> RefuseNetworks { get; init; } =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("224.0.0.0/4"),
    ];
}

/// <summary>What a client or a host may at most send (<c>[limits]</c>, contract §7). Immutable.</summary>
public sealed record LimitSettings
{
    /// <summary>Octets of a command line, CRLF included.</summary>
    public int CommandLine { get; init; } = 2_048;
    /// <summary>Recipients of a message.</summary>
    public int RecipientsPerMessage { get; init; } = 1_000;
    /// <summary>Octets of a message.</summary>
    public long MessageSize { get; init; } = 50_000_000;
    /// <summary>Incoming connections.</summary>
    public int Connections { get; init; } = 1_000;
    /// <summary>Incoming connections of a client; not for <c>relay_from</c>.</summary>
    public int ConnectionsPerClient { get; init; } = 50;
    /// <summary>Received fields; more is a loop.</summary>
    public int ReceivedFields { get; init; } = 100;
    /// <summary>Octets a second that a client must at least send in data.</summary>
    public long MinimumRate { get; init; } = 500;
    /// <summary>Octets of a reply line of a host.</summary>
    public int ReplyLine { get; init; } = 2_000;
    /// <summary>Lines of a reply of a host.</summary>
    public int ReplyLines { get; init; } = 100;
}

/// <summary>The mail log (<c>[log]</c>). Immutable.</summary>
public sealed record LogSettings
{
    /// <summary>mail.json beside mail.log.</summary>
    public bool Json { get; init; }
    /// <summary>Octets after which a new file begins.</summary>
    public long RotateSize { get; init; } = 100_000_000;
    /// <summary>Days that old files stay.</summary>
    public int KeepDays { get; init; } = 30;
}

/// <summary>The admin page (<c>[admin]</c>). Immutable.</summary>
public sealed record AdminSettings
{
    /// <summary>Where it listens; port 0: any free one.</summary>
    public IPEndPoint Address { get; init; } = new(IPAddress.Loopback, 8025);
    /// <summary>Clients that may read <c>/metrics</c> without a token.</summary>
    public IReadOnlyList<IPNetwork> MetricsFrom { get; init; } = [];
    /// <summary>Null: in clear.</summary>
    public AdminTls? Tls { get; init; }
    /// <summary>Who has to have a second factor.</summary>
    public TotpPolicy Totp { get; init; }
}

/// <summary>TLS of the admin page. Immutable.</summary>
/// <param name="CertificateFile"><c>tls_cert</c>.</param>
/// <param name="KeyFile"><c>tls_key</c>.</param>
/// <param name="Certificate">As the two files held it when they were read.</param>
public sealed record AdminTls(string CertificateFile, string KeyFile, AdminCertificate Certificate);

/// <summary>
/// Everything that <c>postern.toml</c> says, with defaults for what it does not; checked whole. Immutable: a reload
/// makes a new one. Paths are absolute.
/// </summary>
public sealed record PosternConfiguration
{
    /// <summary>The file that says it, as it was named; need not be there.</summary>
    public required string File { get; init; }
    /// <summary>It was read from the file; false: there was none, and these are the defaults.</summary>
    public bool HasFile { get; init; }
    /// <summary>Banner, EHLO, Received, Message-ID.</summary>
    public required string HostName { get; init; }
    /// <summary>The folder of spool, logs and secrets.</summary>
    public required string DataFolder { get; init; }
    /// <summary>The routes file.</summary>
    public required string RoutesFile { get; init; }
    /// <summary>At least one.</summary>
    public IReadOnlyList<ListenerSettings> Listeners { get; init; } = [new()];
    /// <summary>DNS.</summary>
    public DnsSettings Dns { get; init; } = new();
    /// <summary>Delivery, its bounce profiles and destination controls.</summary>
    public required DeliveryOptions Delivery { get; init; }
    /// <summary>Profiles of outgoing authentication by name.</summary>
    public IReadOnlyDictionary<string, AuthProfile> AuthProfiles => Delivery.AuthProfiles;
    /// <summary>How much of the disk of the spool is kept free.</summary>
    public SpaceThresholds Space { get; init; } = new();
    /// <summary>Limits.</summary>
    public LimitSettings Limits { get; init; } = new();
    /// <summary>The mail log.</summary>
    public LogSettings Log { get; init; } = new();
    /// <summary>What alerts are raised for, and where they go.</summary>
    public AlertSettings Alerts { get; init; } = new();
    /// <summary>How the admin page is reached.</summary>
    public AdminSettings Admin { get; init; } = new();
}
