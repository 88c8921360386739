using System.Net;
using Postern.Smtp.Server;

namespace Postern.Reception;

/// <summary>One <c>[[listener]]</c>. Immutable.</summary>
/// <param name="Name">Unique; as the log shows it.</param>
/// <param name="Address">Where it listens.</param>
public sealed record ListenerOptions(string Name, IPEndPoint Address)
{
    /// <summary>Clients that may send to any domain.</summary>
    public ClientNetworks RelayFrom { get; init; } = ClientNetworks.None;

    /// <summary>Domains taken from everybody else.</summary>
    public RecipientDomains AcceptFor { get; init; } = RecipientDomains.None;
}

/// <summary>Everything Reception is told by configuration. Immutable; replaced whole at a reload.</summary>
public sealed record ReceptionOptions
{
    /// <summary>Name, limits and time-outs of a session.</summary>
    public required SmtpServerOptions Smtp { get; init; }

    /// <summary>The listeners, by unique names.</summary>
    public IReadOnlyList<ListenerOptions> Listeners { get; init; } = [];

    /// <summary>Incoming connections in all; default 1000 (contract §7).</summary>
    public int MaxConnections { get; init; } = 1000;

    /// <summary>
    /// Connections of one IPv4 address or IPv6 /64, but for <c>relay_from</c>; default 50 (contract §7).
    /// </summary>
    public int MaxConnectionsPerClient { get; init; } = 50;

    /// <summary>Received fields of a message; more are a loop (RFC 5321 §6.3). Default 100 (contract §7).</summary>
    public int MaxReceivedFields { get; init; } = 100;
}
