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

    /// <summary>The first routes that were altered or removed, as they stood there, a line each.</summary>
    public string Before(int most) =>
        Lines(Altered.Select(a => a.Before), Removed, Altered.Count + Removed.Count, most);

    /// <summary>The first routes that were altered or added, as they stand there now, a line each.</summary>
    public string After(int most) =>
        Lines(Altered.Select(a => a.After), Added, Altered.Count + Added.Count, most);

    private static string Lines(
        IEnumerable<SmtpRoute> altered, IEnumerable<SmtpRoute> others, int count, int most) =>
        string.Join('\n', altered.Concat(others).Take(most).Select(route => $"{route.Key} {route.Target}"))
            + (count > most ? $"\n… and {count - most} more" : "");
}

/// <summary>A list whose elements are made when they are asked for.</summary>
internal sealed class MadeList<T>(List<int> numbers, Func<int, T> make) : IReadOnlyList<T>
{
    public int Count => numbers.Count;

    public T this[int index] => make(numbers[index]);

    public IEnumerator<T> GetEnumerator() => numbers.Select(make).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
