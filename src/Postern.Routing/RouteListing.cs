using System.Buffers;
using System.Text;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>What a list of routes is ordered by.</summary>
public enum RouteOrder
{
    /// <summary>As in the file.</summary>
    File,
    /// <summary>By the keys.</summary>
    Key,
    /// <summary>By what stands behind the keys: hosts, then options.</summary>
    Target,
}

/// <summary>A page of a list of routes. Immutable.</summary>
/// <param name="Routes">Those of the page.</param>
/// <param name="Count">How many are meant in all.</param>
public sealed record RoutesFound(IReadOnlyList<SmtpRoute> Routes, int Count);

/// <summary>
/// Looks for routes in one table by a part of their text. Routes become objects only when they are on the page that is
/// asked for; an order is computed once, when it is first asked for. Any thread may call it.
/// </summary>
public sealed class RouteListing
{
    private readonly Lazy<int[]> _byKey;
    private readonly Lazy<int[]> _byTarget;

    /// <summary>A listing of a table.</summary>
    public RouteListing(SmtpRouteTable table)
    {
        Table = table;
        var store = table.Store;
        _byKey = new(() => Sorted((one, other) => store.Key(one).SequenceCompareTo(store.Key(other))));
        _byTarget = new(() => Sorted((one, other) =>
        {
            var order = store.TargetText(one).SequenceCompareTo(store.TargetText(other));
            return order != 0 ? order : one - other;
        }));
    }

    /// <summary>The table.</summary>
    public SmtpRouteTable Table { get; }

    /// <summary>A page of the routes that hold a text in their key, hosts or options; case does not count.</summary>
    /// <param name="text">The text; a domain in U-labels finds its A-labels, too. Empty: all routes.</param>
    /// <param name="order">The order.</param>
    /// <param name="isDescending">The other way round.</param>
    /// <param name="skip">Routes before the page.</param>
    /// <param name="take">Routes in the page.</param>
    public RoutesFound Find(string text, RouteOrder order, bool isDescending, int skip, int take)
    {
        text = text.Trim();
        if (text.Length == 0) return new RoutesFound([.. Page(order, isDescending, skip, take)], Table.Count);
        var isMeant = Matcher(text);
        var found = new List<SmtpRoute>();
        var count = 0;
        for (var place = 0; place < Table.Count; place++)
        {
            var route = At(place, order, isDescending);
            if (!isMeant(route)) continue;
            if (count >= skip && found.Count < take) found.Add(Table.RouteAt(route));
            count++;
        }
        return new RoutesFound(found, count);
    }

    /// <summary>
    /// A page of these routes by their keys, from behind one of them on: what is deleted or added elsewhere in the
    /// table moves no route from one page to another.
    /// </summary>
    /// <param name="text">As above.</param>
    /// <param name="after">The last key of the page before, which need not be there any more; empty: none.</param>
    /// <param name="take">Routes in the page.</param>
    /// <returns>The page, and whether more follow.</returns>
    public (IReadOnlyList<SmtpRoute> Routes, bool HasMore) FindAfter(string text, string after, int take)
    {
        text = text.Trim();
        var isMeant = text.Length == 0 ? static _ => true : Matcher(text);
        var found = new List<SmtpRoute>();
        for (var place = PlaceBehind(Encoding.UTF8.GetBytes(after)); place < Table.Count; place++)
        {
            var route = At(place, RouteOrder.Key, isDescending: false);
            if (!isMeant(route)) continue;
            if (found.Count == take) return (found, true);
            found.Add(Table.RouteAt(route));
        }
        return (found, false);
    }

    private int PlaceBehind(ReadOnlySpan<byte> key)
    {
        var (low, high) = (0, Table.Count);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (Table.Store.Key(_byKey.Value[middle]).SequenceCompareTo(key) > 0) high = middle;
            else low = middle + 1;
        }
        return key.IsEmpty ? 0 : low;
    }

    private IEnumerable<SmtpRoute> Page(RouteOrder order, bool isDescending, int skip, int take)
    {
        for (var place = skip; place < Math.Min((long)skip + take, Table.Count); place++)
            yield return Table.RouteAt(At(place, order, isDescending));
    }

    private int At(int place, RouteOrder order, bool isDescending)
    {
        if (isDescending) place = Table.Count - 1 - place;
        return order switch
        {
            RouteOrder.Key => _byKey.Value[place],
            RouteOrder.Target => _byTarget.Value[place],
            _ => place,
        };
    }

    private int[] Sorted(Comparison<int> comparison)
    {
        var routes = Enumerable.Range(0, Table.Count).ToArray();
        Array.Sort(routes, comparison);
        return routes;
    }

    // Routes that are written alike share their target, which is looked at once.
    private Func<int, bool> Matcher(string text)
    {
        var store = Table.Store;
        var name = Domain.TryParse(text.TrimStart('.'), out var domain) ? domain.Name : text;
        var wanted = SearchValues.Create([text, name], StringComparison.OrdinalIgnoreCase);
        var targets = new bool?[store.TargetCount];
        var characters = new char[256];
        var ascii = Ascii.IsValid(text) ? AsciiSearch.For(text, name) : null;
        bool Holds(ReadOnlySpan<byte> octets)
        {
            if (ascii is not null) return ascii.Holds(octets);
            if (characters.Length < octets.Length) characters = new char[2 * octets.Length];
            return characters.AsSpan(0, Encoding.UTF8.GetChars(octets, characters)).ContainsAny(wanted);
        }
        return route => Holds(store.Key(route))
            || (targets[store.TargetOf(route)] ??= Holds(store.TargetText(route)));
    }
}
