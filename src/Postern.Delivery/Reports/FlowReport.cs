namespace Postern.Delivery.Reports;

/// <summary>What leads mail to its hosts.</summary>
public enum FlowKind
{
    /// <summary>A route.</summary>
    Route,
    /// <summary>The hosts that an operator has redirected mail to.</summary>
    Redirect,
    /// <summary>DNS, for a receiving domain without a route or with USEDNS.</summary>
    Dns,
}

/// <summary>
/// Which way mail flows now: the routes with mail that waits or went in the last minutes, and their hosts. Immutable.
/// </summary>
public sealed record FlowReport
{
    /// <summary>
    /// The routes in trouble that most recipients wait for, in up to half of the places, then those that most flows
    /// through.
    /// </summary>
    public required IReadOnlyList<FlowRoute> Routes { get; init; }
    /// <summary>All other routes with mail, together.</summary>
    public required FlowRest Rest { get; init; }
}

/// <summary>Mail of a route, a redirection or a domain that goes by DNS. Immutable.</summary>
/// <param name="Kind">What leads it.</param>
/// <param name="Name">The key of the route, the hosts of the redirection, or the receiving domain.</param>
/// <param name="Waiting">Recipients without a final result.</param>
/// <param name="PerMinute">
/// Recipients that its hosts take a minute; a recipient counts less the longer ago it was taken, by a factor of e each
/// minute.
/// </param>
/// <param name="State">The health of the best host it can go to; null: not known, or discarded.</param>
/// <param name="Lines">To its hosts, at most <see cref="MaxLines"/>: in trouble first, then what flows most.</param>
/// <param name="OtherHosts">Hosts without a line here.</param>
public sealed record FlowRoute(
    FlowKind Kind, string Name, int Waiting, double PerMinute, HostState? State, IReadOnlyList<FlowLine> Lines,
    int OtherHosts)
{
    /// <summary>Lines of a route.</summary>
    public const int MaxLines = 10;
}

/// <summary>From a route to one of its hosts. Immutable.</summary>
/// <param name="Host">Name or address, and port.</param>
/// <param name="Priority">0 to 65535; null: it took mail lately, and is no host of the route any more.</param>
/// <param name="PerMinute">Recipients that the host takes from the route a minute.</param>
/// <param name="OnTheWay">Messages that were given to it and have no outcome yet.</param>
/// <param name="State">Its health for this mail; null: no mail was led to it yet.</param>
/// <param name="IsUntried">It is up since nothing is known of it: it has neither replied nor failed yet.</param>
public sealed record FlowLine(
    string Host, int? Priority, double PerMinute, int OnTheWay, HostState? State, bool IsUntried);

/// <summary>Routes that are not shown one by one.</summary>
/// <param name="Routes">How many.</param>
/// <param name="Waiting">Recipients without a final result.</param>
/// <param name="PerMinute">Recipients that hosts take from them a minute.</param>
/// <param name="InTrouble">How many of them have mail that waits while a host of theirs is out.</param>
public sealed record FlowRest(int Routes, int Waiting, double PerMinute, int InTrouble);
