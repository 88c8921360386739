using System.Net;
using Postern.Mail.Dsn;
using Postern.Routing;

namespace Postern.Delivery;

/// <summary>How long mail is tried (<c>[bounce_profile.NAME]</c>). Immutable.</summary>
public sealed record BounceProfile
{
    /// <summary>The name, as the log shows it in brackets.</summary>
    public string Name { get; init; } = "default";
    /// <summary>Rounds after the first; default 100.</summary>
    public int MaxRetries { get; init; } = 100;
    /// <summary>From acceptance; default 72 h.</summary>
    public TimeSpan MaxTimeInQueue { get; init; } = TimeSpan.FromHours(72);
    /// <summary>The wait after the first round; doubles after every round. Default 60 s.</summary>
    public TimeSpan InitialWait { get; init; } = TimeSpan.FromSeconds(60);
    /// <summary>The longest wait; default 1 h.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromHours(1);
    /// <summary>False: nothing is reported to senders, whatever NOTIFY says. Default true.</summary>
    public bool SendBounces { get; init; } = true;
    /// <summary>
    /// Time from acceptance after which the sender is told that mail waits; null: never (<c>"off"</c>).
    /// </summary>
    public TimeSpan? DelayWarning { get; init; }
    /// <summary>How much of the message a report returns, in octets; default 10,000.</summary>
    public long MaxBounceCopy { get; init; } = 10_000;
    /// <summary>The language of the part of a report that is for people; default English.</summary>
    public ReportLanguage Language { get; init; }
    /// <summary>The text of that part; null: the built-in one.</summary>
    public ReportTemplate? Template { get; init; }
}

/// <summary>TLS towards a destination (<c>tls</c> of a destination control).</summary>
public enum TlsPolicy
{
    /// <summary>Never.</summary>
    None,
    /// <summary>When offered; in clear where STARTTLS is refused.</summary>
    Preferred,
    /// <summary>Only with TLS, any certificate.</summary>
    Required,
    /// <summary>Only with TLS and a certificate that names the host and is trusted.</summary>
    Verify,
    /// <summary>By TLSA records.</summary>
    Dane,
}

/// <summary>Limits of one receiving domain (<c>[destination."DOMAIN"]</c>). Immutable.</summary>
public sealed record DestinationControl
{
    /// <summary>Connections for the domain; default 500.</summary>
    public int MaxConnections { get; init; } = 500;
    /// <summary>Messages on a connection; default 50.</summary>
    public int MaxMessagesPerConnection { get; init; } = 50;
    /// <summary>Recipients in <see cref="RecipientMinutes"/>; 0: no limit.</summary>
    public int RecipientLimit { get; init; }
    /// <summary>The window of <see cref="RecipientLimit"/> in minutes; default 60.</summary>
    public int RecipientMinutes { get; init; } = 60;
    /// <summary>TLS; default preferred.</summary>
    public TlsPolicy Tls { get; init; } = TlsPolicy.Preferred;
    /// <summary>A name in <see cref="DeliveryOptions.BounceProfiles"/>.</summary>
    public string BounceProfile { get; init; } = "default";
    /// <summary>The order of address families; default v6 first.</summary>
    public IpPreference IpPreference { get; init; } = IpPreference.PreferV6;
}

/// <summary>Everything Delivery is told by configuration. Immutable; replaced whole at a reload.</summary>
public sealed record DeliveryOptions
{
    /// <summary>The name in EHLO and in our own messages.</summary>
    public required string HostName { get; init; }
    /// <summary>Source address of outgoing connections; null: the system chooses (<c>"auto"</c>).</summary>
    public IPAddress? Interface { get; init; }
    /// <summary>Outgoing connections; default 10,000.</summary>
    public int MaxConnections { get; init; } = 10_000;
    /// <summary>Connections to one address and port; default 200.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 200;
    /// <summary>True: no reply after the final dot counts as delivered.</summary>
    public bool PossibleDelivery { get; init; }
    /// <summary>How long a host that failed is left out at first; default 60 s.</summary>
    public TimeSpan HostRetryInitial { get; init; } = TimeSpan.FromSeconds(60);
    /// <summary>The longest a host is left out; default 10 min.</summary>
    public TimeSpan HostRetryMax { get; init; } = TimeSpan.FromMinutes(10);
    /// <summary>
    /// Reports to one domain of reverse-paths, the first of them at once; more wait their turn. 0: no limit. Default
    /// 1,000.
    /// </summary>
    public int MaxBouncesPerHour { get; init; } = 1_000;
    /// <summary>TCP; default 30 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>The 220; default 5 min (RFC 5321 §4.5.3.2.1).</summary>
    public TimeSpan GreetingTimeout { get; init; } = TimeSpan.FromMinutes(5);
    /// <summary>EHLO, MAIL, RCPT; default 5 min (RFC 5321 §4.5.3.2.2).</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(5);
    /// <summary>A block of content; default 3 min (RFC 5321 §4.5.3.2.5).</summary>
    public TimeSpan DataTimeout { get; init; } = TimeSpan.FromMinutes(3);
    /// <summary>The reply to the final dot; default 10 min (RFC 5321 §4.5.3.2.6).</summary>
    public TimeSpan FinalDotTimeout { get; init; } = TimeSpan.FromMinutes(10);
    /// <summary>Octets of a reply line; default 2,000.</summary>
    public int MaxReplyLine { get; init; } = 2_000;
    /// <summary>Lines of a reply; default 100.</summary>
    public int MaxReplyLines { get; init; } = 100;
    /// <summary>Profiles by name; has at least <c>default</c>.</summary>
    public IReadOnlyDictionary<string, BounceProfile> BounceProfiles { get; init; } =
        new Dictionary<string, BounceProfile>(StringComparer.Ordinal) { ["default"] = new() };
    /// <summary>Profiles of outgoing SMTP authentication by the names that routes give them.</summary>
    public IReadOnlyDictionary<string, AuthProfile> AuthProfiles { get; init; } =
        new Dictionary<string, AuthProfile>(StringComparer.Ordinal);
    /// <summary>The control of every domain without one of its own.</summary>
    public DestinationControl DefaultDestination { get; init; } = new();
    /// <summary>Controls by receiving domain in A-labels, single keys already merged over the default.</summary>
    public IReadOnlyDictionary<string, DestinationControl> Destinations { get; init; } =
        new Dictionary<string, DestinationControl>(StringComparer.Ordinal);

    /// <summary>The control of a receiving domain.</summary>
    public DestinationControl ControlOf(string receivingDomain) =>
        Destinations.TryGetValue(receivingDomain, out var control) ? control : DefaultDestination;

    /// <summary>How connections for a queue are made.</summary>
    internal Deciding.Access AccessTo(Queueing.DomainQueue queue) =>
        new(ControlOf(queue.Name).Tls, queue.Plan.Route?.AuthProfile, Interface);

    /// <summary>The bounce profile of a receiving domain.</summary>
    public BounceProfile ProfileOf(string receivingDomain) =>
        BounceProfiles.TryGetValue(ControlOf(receivingDomain).BounceProfile, out var profile)
            ? profile : BounceProfiles["default"];
}
