namespace Peers;

/// <summary>
/// Where a gateway sends everything. <paramref name="Name"/> leads to all <paramref name="Addresses"/>, which are
/// equal; a gateway uses what it can spread its mail over.
/// </summary>
internal sealed record NextHop(string Name, int Port, IReadOnlyList<string> Addresses)
{
    /// <summary>One host on this machine.</summary>
    public static NextHop Local(int port) => new("127.0.0.1", port, ["127.0.0.1"]);
}
