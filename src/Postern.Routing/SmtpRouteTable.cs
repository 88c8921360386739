using System.Net;
using System.Text;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>The routing table: an immutable snapshot, swapped whole. May be used by several threads.</summary>
/// <remarks>
/// The routes are kept as text in one array, with an index over the keys; a route becomes an object when mail first
/// asks for it, and the same object from then on. So a million routes stay compact, and a lookup allocates nothing
/// but at that first time. See docs/design/routing.md.
/// </remarks>
public sealed class SmtpRouteTable
{
    // 253 characters hold at most 126 dots.
    private const int MaxDots = 127;

    private readonly RouteStore _store;
    private readonly SmtpRoute?[] _routes;
    private readonly RouteTarget?[] _targets;
    private readonly int _all;

    internal SmtpRouteTable(RouteStore store, string version)
    {
        Version = version;
        _store = store;
        _routes = new SmtpRoute?[store.Count];
        _targets = new RouteTarget?[store.TargetCount];
        _all = store.Find("ALL", RouteStore.HashOf("ALL"));
    }

    /// <summary>No routes.</summary>
    public static SmtpRouteTable Empty { get; } = new RouteStoreBuilder().Build(SmtpRoutesFile.VersionOf([]));

    /// <summary>See <see cref="SmtpRoutesFile.VersionOf"/>: of the content that it was read from.</summary>
    public string Version { get; }

    /// <summary>How many routes.</summary>
    public int Count => _store.Count;

    /// <summary>What the routes are kept in.</summary>
    internal RouteStore Store => _store;

    /// <summary>
    /// All routes in the order of the file. Objects that no lookup has made yet are made and not kept.
    /// </summary>
    public IEnumerable<SmtpRoute> Routes => Enumerable.Range(0, Count).Select(MakeOnce);

    /// <summary>
    /// A route by its number in the order of the file, from 0; not kept when no lookup has made it yet.
    /// </summary>
    internal SmtpRoute RouteAt(int ordinal) => MakeOnce(ordinal);

    /// <summary>The most specific route for a domain (A-labels); null: none, not even ALL.</summary>
    public SmtpRoute? Find(Domain domain)
    {
        // The hash runs from the end of the name, so that one pass gives those of all its parents.
        var name = domain.Name.AsSpan();
        Span<uint> hashes = stackalloc uint[MaxDots];
        Span<byte> dots = stackalloc byte[MaxDots];
        var count = 0;
        var hash = RouteStore.EmptyHash;
        for (var i = name.Length - 1; i >= 0; i--)
        {
            hash = RouteStore.AddToHash(hash, name[i]);
            if (name[i] == '.' && count < MaxDots) (hashes[count], dots[count++]) = (hash, (byte)i);
        }
        var found = _store.Find(name, hash);
        while (found < 0 && count-- > 0) found = _store.Find(name[dots[count]..], hashes[count]);
        return Get(found < 0 ? _all : found);
    }

    /// <summary>The most specific route for an address literal; null: none, not even ALL.</summary>
    public SmtpRoute? Find(IPAddress address)
    {
        address = AddressText.Normal(address);
        var found = _store.Find(address);
        if (found < 0) found = _store.Addresses.Find(address);
        return Get(found < 0 ? _all : found);
    }

    /// <summary>The route of exactly this key; null: none.</summary>
    public SmtpRoute? Find(RouteKey key) => Get(_store.Find(key.Text, RouteStore.HashOf(key.Text)));

    /// <summary>
    /// Every route that matches a domain, the most specific first: the one in force and those it beats.
    /// </summary>
    public IReadOnlyList<SmtpRoute> FindAll(Domain domain)
    {
        var matches = new List<SmtpRoute>();
        var name = domain.Name.AsSpan();
        AddTo(matches, _store.Find(name, RouteStore.HashOf(name)));
        for (var at = name.IndexOf('.'); at >= 0 && at < name.Length; at++)
        {
            if (name[at] == '.') AddTo(matches, _store.Find(name[at..], RouteStore.HashOf(name[at..])));
        }
        AddTo(matches, _all);
        return matches;
    }

    /// <summary>Every route that matches an address literal, the most specific first. Reads all prefixes.</summary>
    public IReadOnlyList<SmtpRoute> FindAll(IPAddress address)
    {
        address = AddressText.Normal(address);
        var matches = new List<SmtpRoute>();
        AddTo(matches, _store.Find(address));
        foreach (var ordinal in _store.Addresses.FindAll(address)) AddTo(matches, ordinal);
        AddTo(matches, _all);
        return matches;
    }

    /// <summary>What differs between this table and a newer one, in the order of the files.</summary>
    public RoutesDifference Compare(SmtpRouteTable newer)
    {
        var (added, altered, removed) = (new List<int>(), new List<int>(), new List<int>());
        for (var i = 0; i < newer.Count; i++)
        {
            var own = _store.FindSameKey(newer._store, i);
            if (own < 0) added.Add(i);
            else if (!HasSameTarget(own, newer, i)) altered.Add(i);
        }
        for (var i = 0; i < Count; i++)
        {
            if (newer._store.FindSameKey(_store, i) < 0) removed.Add(i);
        }
        return new RoutesDifference(
            new MadeList<SmtpRoute>(added, newer.MakeOnce),
            new MadeList<SmtpRoute>(removed, MakeOnce),
            new MadeList<AlteredRoute>(
                altered, i => new(MakeOnce(_store.FindSameKey(newer._store, i)), newer.MakeOnce(i))));
    }

    // Written alike, or another way that means the same.
    private bool HasSameTarget(int route, SmtpRouteTable other, int otherRoute) =>
        _store.TargetText(route).SequenceEqual(other._store.TargetText(otherRoute))
        || MakeOnce(route) == other.MakeOnce(otherRoute);

    private void AddTo(List<SmtpRoute> matches, int ordinal)
    {
        if (Get(ordinal) is { } route) matches.Add(route);
    }

    private SmtpRoute? Get(int ordinal)
    {
        if (ordinal < 0) return null;
        // Two threads may both make it; the first one wins for good, so that a route is one object.
        return Volatile.Read(ref _routes[ordinal])
            ?? Interlocked.CompareExchange(ref _routes[ordinal], Make(ordinal), null)
            ?? _routes[ordinal];
    }

    private SmtpRoute Make(int ordinal)
    {
        var number = _store.TargetOf(ordinal);
        var target = Volatile.Read(ref _targets[number]);
        if (target is null)
        {
            target = ReadTarget(_store.TargetText(ordinal));
            target = Interlocked.CompareExchange(ref _targets[number], target, null) ?? target;
        }
        return Make(ordinal, target);
    }

    // For those who look at a whole table: nothing of it is kept.
    private SmtpRoute MakeOnce(int ordinal) =>
        Volatile.Read(ref _routes[ordinal]) ?? Make(
            ordinal, Volatile.Read(ref _targets[_store.TargetOf(ordinal)]) ?? ReadTarget(_store.TargetText(ordinal)));

    private SmtpRoute Make(int ordinal, RouteTarget target) => new()
    {
        Key = Encoding.ASCII.GetString(_store.Key(ordinal)),
        Kind = target.Kind,
        Hosts = target.Hosts,
        AuthProfile = target.Options.Auth,
        Policy = target.Options.Policy,
        Line = _store.LineOf(ordinal),
    };

    private static RouteTarget ReadTarget(ReadOnlySpan<byte> text)
    {
        var problems = new List<RouteProblem>();
        var characters = Encoding.UTF8.GetString(text);
        var target = RouteTarget.Read(characters, 0, characters.Length, profiles: null, problems);
        // The text was read without a problem when the table was built.
        return problems.Count == 0 ? target : throw new InvalidOperationException(problems[0].Message);
    }
}
