using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Postern.Admin.Monitoring;
using Postern.Delivery.Reports;
using Postern.Reporting;
using Postern.Routing;

namespace Postern.Admin;

/// <summary>
/// A page of hosts; <paramref name="Next"/>: what <c>after</c> the next page has, null: there is none.
/// </summary>
public sealed record HostsPage(IReadOnlyList<HostReport> Hosts, int? Next);

/// <summary>
/// What <c>drain</c> or <c>undrain</c> did: the host as it was understood, and the hosts of it that mail was led to
/// so far.
/// </summary>
public sealed record DrainAnswer(string Host, bool Changed, IReadOnlyList<HostReport> Hosts);

/// <summary>Hosts that are left out and are to be probed at once.</summary>
/// <param name="Host">The host as it was understood.</param>
/// <param name="Retried">How many addresses, or names without one, were left out and are probed now: with mail that is
/// held for want of them, or else with the next that chooses them.</param>
/// <param name="Hosts">Their health before any answer of theirs.</param>
public sealed record RetryAnswer(string Host, int Retried, IReadOnlyList<HostReport> Hosts);

/// <summary>What <c>dnsflush</c> did.</summary>
public sealed record FlushAnswer(bool Flushed);

/// <summary>Whether the gateway takes mail, for those who need not prove who they are.</summary>
/// <param name="Status">live, ready or not ready.</param>
/// <param name="SpoolOpen">Mail can be stored; null: not asked for.</param>
/// <param name="ListenersBound">Every listener is bound or suspended; null: not asked for.</param>
/// <param name="HasRoom">
/// The disk has more room than free_space_soft, below which new mail is answered 452; null: not asked for.
/// </param>
public sealed record HealthAnswer(string Status, bool? SpoolOpen, bool? ListenersBound, bool? HasRoom);

/// <summary>The proof that the gateway knows the token of its data folder.</summary>
public sealed record ProofAnswer(string Proof);

/// <summary>
/// Receiving domains, the largest first or by name; <paramref name="Total"/>: how many fit in all;
/// <paramref name="Next"/>: what <c>after</c> the next page by name has, null: there is none.
/// </summary>
public sealed record DestinationsAnswer(
    IReadOnlyList<DestinationReport> Destinations, int Total, string? Next = null);

/// <summary>Totals of the gateway.</summary>
public sealed record GatewayStatus
{
    /// <summary>Its name in SMTP.</summary>
    public required string HostName { get; init; }
    /// <summary>Of the program.</summary>
    public required string Version { get; init; }
    /// <summary>When this was told.</summary>
    public DateTimeOffset Now { get; init; }
    /// <summary>When it was started.</summary>
    public DateTimeOffset Started { get; init; }
    /// <summary>
    /// online; delivery suspended by an operator; receiving suspended: a listener is by an operator, or the disk is
    /// below free_space_soft; offline: both, or the spool is closed, or a listener is not bound.
    /// </summary>
    public required string System { get; init; }
    /// <summary>What an operator has suspended, single receiving domains included.</summary>
    public required SuspensionReport Suspended { get; init; }
    /// <summary>Mail can be stored.</summary>
    public bool SpoolOpen { get; init; }
    /// <summary>Every listener is bound or suspended.</summary>
    public bool ListenersBound { get; init; }
    /// <summary>The disk has more room than free_space_soft, below which new mail is answered 452.</summary>
    public bool HasRoom { get; init; }
    /// <summary>
    /// What the spool held at the start is taken up; until then gauges count what was, and listings wait.
    /// </summary>
    public bool QueueRead { get; init; }
    /// <summary>Events since the start.</summary>
    public required IReadOnlyDictionary<MailCounter, long> Counters { get; init; }
    /// <summary>How fast counters grow.</summary>
    public IReadOnlyList<MailRate> Rates { get; init; } = [];
    /// <summary>Incoming connections now.</summary>
    public int ConnectionsIn { get; init; }
    /// <summary>Octets that are free where the data folder is; null: not known.</summary>
    public long? DiskFree { get; init; }
    /// <summary>What delivery holds and does now.</summary>
    public required DeliveryGauges Delivery { get; init; }
}

/// <summary>The last hour or day, the oldest point first.</summary>
/// <param name="StepSeconds">The time from point to point.</param>
/// <param name="Points">Fewer than asked for where the gateway runs for less.</param>
public sealed record SeriesAnswer(int StepSeconds, IReadOnlyList<FigurePoint> Points);

/// <summary>A destination host of a route.</summary>
public sealed record RouteHostForm(string Host, bool AddressesOnly, int Port, int Priority, int Weight);

/// <summary>
/// A route of the table; <paramref name="Kind"/>: hosts, dns or discard. An edit with <paramref name="Version"/> in
/// <c>If-Match</c> is refused when somebody has changed this route meanwhile.
/// </summary>
public sealed record RouteForm(
    string Key, string Kind, IReadOnlyList<RouteHostForm> Hosts, string? Auth, string Options, int Line,
    string Version)
{
    /// <summary>The form of a route.</summary>
    public static RouteForm Of(SmtpRoute route) => new(
        route.Key,
        route.Kind switch
        {
            RouteKind.UseDns => "dns",
            RouteKind.Discard => "discard",
            _ => "hosts",
        },
        [.. route.Hosts.Select(h => new RouteHostForm(
            h.Name?.Name ?? h.Address!.ToString(), h.AddressesOnly, h.Port, h.Priority, h.Weight))],
        route.AuthProfile, route.Policy.Text, route.Line, route.Version);
}

/// <summary>
/// A page of routes; <paramref name="Next"/>: what <c>after</c> the next page has, null: there is none.
/// <paramref name="Total"/>: routes in the table.
/// </summary>
public sealed record RoutesPage(IReadOnlyList<RouteForm> Routes, string? Next, int Total);

/// <summary>What an edit of the table changed, by the first 1000 keys of each kind.</summary>
/// <param name="Added">Keys.</param>
/// <param name="Removed">Keys.</param>
/// <param name="Altered">Keys.</param>
/// <param name="Changes">How many routes were added, removed and altered.</param>
/// <param name="Routes">How many routes there are now.</param>
public sealed record RouteEditAnswer(
    IReadOnlyList<string> Added, IReadOnlyList<string> Removed, IReadOnlyList<string> Altered, int Changes, int Routes)
{
    private const int MaxKeys = 1000;

    /// <summary>The form of a change.</summary>
    public static RouteEditAnswer Of(RoutesDifference difference, int routes) => new(
        [.. difference.Added.Take(MaxKeys).Select(r => r.Key)],
        [.. difference.Removed.Take(MaxKeys).Select(r => r.Key)],
        [.. difference.Altered.Take(MaxKeys).Select(a => a.After.Key)],
        difference.Added.Count + difference.Removed.Count + difference.Altered.Count, routes);
}

/// <summary>What is wrong in a routes file.</summary>
public sealed record PreviewError(int Line, int Column, string Message, string Remedy);

/// <summary>What another routes file would change; with errors it would change nothing.</summary>
/// <param name="Errors">All errors.</param>
/// <param name="Added">Keys.</param>
/// <param name="Removed">Keys.</param>
/// <param name="Altered">Keys.</param>
/// <param name="RecipientsElsewhere">Queued recipients that would go to other hosts.</param>
public sealed record PreviewAnswer(
    IReadOnlyList<PreviewError> Errors, IReadOnlyList<string> Added, IReadOnlyList<string> Removed,
    IReadOnlyList<string> Altered, int RecipientsElsewhere);

/// <summary>How the API writes JSON: camelCase, states by their names.</summary>
public static class ApiJson
{
    /// <summary>The options; never changed.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}

/// <summary>The routes file was read.</summary>
/// <param name="Routes">How many routes are in force now.</param>
/// <param name="Refusal">Why those of the file are not; null: they are.</param>
public sealed record RoutesTaken(int Routes, string? Refusal = null);
