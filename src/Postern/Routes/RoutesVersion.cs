namespace Postern.Routes;

/// <summary>One kept version of the routes file. <see cref="Diff"/>: the first lines that came and went.</summary>
public sealed record RoutesVersion(
    int Number, DateTimeOffset Time, string Author, string Change, int Added, int Removed, IReadOnlyList<string> Diff);
