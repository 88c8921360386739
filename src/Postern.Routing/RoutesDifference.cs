using System.Collections;

namespace Postern.Routing;

/// <summary>A key whose hosts or options changed.</summary>
public sealed record AlteredRoute(SmtpRoute Before, SmtpRoute After);

/// <summary>What differs between two tables; a route that only moved does not.</summary>
/// <remarks>The routes are made when they are looked at, each time anew: a million of them are counted for nothing.
/// </remarks>
public sealed record RoutesDifference(
    IReadOnlyList<SmtpRoute> Added, IReadOnlyList<SmtpRoute> Removed, IReadOnlyList<AlteredRoute> Altered)
{
    /// <summary>The two tables mean the same.</summary>
    public bool IsEmpty => Added.Count + Removed.Count + Altered.Count == 0;
}

/// <summary>A list whose elements are made when they are asked for.</summary>
internal sealed class MadeList<T>(List<int> numbers, Func<int, T> make) : IReadOnlyList<T>
{
    public int Count => numbers.Count;

    public T this[int index] => make(numbers[index]);

    public IEnumerator<T> GetEnumerator() => numbers.Select(make).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
