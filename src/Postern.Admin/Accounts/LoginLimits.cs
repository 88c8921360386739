using System.Net;
using System.Net.Sockets;

namespace Postern.Admin.Accounts;

/// <summary>
/// How long logins have to wait after failed ones, by address and by account, whether it exists or not. A login that
/// succeeds forgives nothing, so that who knows one password cannot try others for ever; but who has logged in to an
/// account from an address before has a wait for the two together, which nobody else makes longer. An account that has
/// another password is another one: its waits are over. Not thread-safe.
/// </summary>
internal sealed class LoginLimits(TimeProvider time)
{
    /// <summary>Addresses and accounts that are remembered; the one that failed longest ago goes first.</summary>
    public const int MaxRemembered = 10_000;

    /// <summary>Failed logins that have no wait.</summary>
    public const int Free = 5;

    /// <summary>An address or account is forgotten so long after its last failed login.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    /// <summary>The longest wait of an address; the first is a second, and each one is twice the one before.</summary>
    public static readonly TimeSpan MaxOfAddress = TimeSpan.FromMinutes(15);

    /// <summary>
    /// The longest wait of an account, and of an address of this machine: whoever attacks it must not keep its owner
    /// out.
    /// </summary>
    public static readonly TimeSpan MaxOfAccount = TimeSpan.FromSeconds(30);

    private readonly Dictionary<(Kind Kind, string Name), Failures> _failures = new();

    /// <summary>Addresses together with accounts that have logged in there, and when last.</summary>
    private readonly Dictionary<(Kind Kind, string Name), DateTimeOffset> _known = new();

    private enum Kind
    {
        Address,
        Account,
        Both,
    }

    private sealed record Failures(int Count, DateTimeOffset Last);

    /// <summary>How many are remembered.</summary>
    public int Remembered => _failures.Count;

    /// <summary>How long a login has to wait from now on; zero: not at all.</summary>
    /// <param name="from">The address of the client.</param>
    /// <param name="account">As it was given.</param>
    /// <param name="hash">Of its password; null: there is no such account.</param>
    public TimeSpan WaitOf(IPAddress from, string account, string? hash = null)
    {
        var both = Both(from, account, hash);
        if (_known.ContainsKey(both)) return WaitOf(both, MaxOfAccount);
        // All who are on this machine, or come through a proxy on it, have one address.
        var address = WaitOf(Address(from), IsLoopback(from) ? MaxOfAccount : MaxOfAddress);
        var name = WaitOf(Name(account, hash), MaxOfAccount);
        return address > name ? address : name;
    }

    /// <summary>A login has failed.</summary>
    public void Failed(IPAddress from, string account, string? hash = null)
    {
        var both = Both(from, account, hash);
        if (_known.ContainsKey(both))
        {
            Count(both);
            return;
        }
        Count(Address(from));
        Count(Name(account, hash));
    }

    /// <summary>A login has succeeded.</summary>
    public void Succeeded(IPAddress from, string account, string hash)
    {
        var both = Both(from, account, hash);
        if (!_known.ContainsKey(both) && _known.Count >= MaxRemembered)
            _known.Remove(_known.MinBy(known => known.Value).Key);
        _known[both] = time.GetUtcNow();
    }

    private TimeSpan WaitOf((Kind, string) who, TimeSpan most)
    {
        if (!_failures.TryGetValue(who, out var failures) || failures.Count < Free) return TimeSpan.Zero;
        var doubled = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures.Count - Free, 20)));
        var left = failures.Last + (doubled < most ? doubled : most) - time.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Count((Kind, string) who)
    {
        var now = time.GetUtcNow();
        var before = _failures.GetValueOrDefault(who);
        if (before is null && _failures.Count >= MaxRemembered)
            _failures.Remove(_failures.MinBy(f => f.Value.Last).Key);
        var count = before is null || now - before.Last > Memory ? 0 : before.Count;
        _failures[who] = new Failures(count + 1, now);
    }

    // Whoever has an IPv6 address has its /64.
    private static (Kind, string) Address(IPAddress from)
    {
        if (from.IsIPv4MappedToIPv6) from = from.MapToIPv4();
        return (Kind.Address, from.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(from.GetAddressBytes().AsSpan(0, 8)) : from.ToString());
    }

    // No account has a name that is none, and a long one is not worth its memory.
    private static (Kind, string) Name(string account, string? hash) =>
        (Kind.Account, Account.IsName(account) ? $"{account} {hash}" : "");

    private static (Kind, string) Both(IPAddress from, string account, string? hash) =>
        (Kind.Both, $"{Address(from).Item2} {Name(account, hash).Item2}");

    private static bool IsLoopback(IPAddress from) =>
        IPAddress.IsLoopback(from.IsIPv4MappedToIPv6 ? from.MapToIPv4() : from);
}
