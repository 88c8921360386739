using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>What a key matches.</summary>
public enum RouteKeyKind
{
    /// <summary>One domain.</summary>
    Domain,
    /// <summary><c>.domain</c>: every name below it, not itself.</summary>
    Subdomains,
    /// <summary><c>ALL</c>.</summary>
    All,
    /// <summary>Address literals: one address.</summary>
    Address,
    /// <summary>Address literals: a prefix.</summary>
    Prefix,
    /// <summary>Address literals: a range.</summary>
    Range,
}

/// <summary>A key of the table in its normal form. Immutable.</summary>
/// <remarks><c>key = domain / "." domain / "ALL" / ips / "[" ips "]"</c>,
/// <c>ips = address / address "/" prefix-length / address "-" address</c></remarks>
public sealed record RouteKey
{
    private static readonly SearchValues<char> AddressCharacters = SearchValues.Create("0123456789./-");

    private RouteKey(RouteKeyKind kind, string text) => (Kind, Text) = (kind, text);

    /// <summary>What it matches.</summary>
    public RouteKeyKind Kind { get; }

    /// <summary>Normal form: <c>example.com</c>, <c>.example.com</c>, <c>ALL</c>, <c>[2001:db8::/64]</c>.</summary>
    public string Text { get; }

    /// <summary>Of an address, prefix or range: the first address.</summary>
    internal UInt128 First { get; private init; }

    /// <summary>Of an address, prefix or range: the last address.</summary>
    internal UInt128 Last { get; private init; }

    /// <summary>Of an address, prefix or range: the family.</summary>
    internal bool IsV6 { get; private init; }

    /// <summary>
    /// Reads a key as a person writes it: any case, A-labels or U-labels, addresses with or without brackets.
    /// </summary>
    /// <returns>The key, or null and what is wrong.</returns>
    public static RouteKey? Read(ReadOnlySpan<char> text, out RouteError? error)
    {
        var key = Read(text, out RouteProblem problem);
        error = key is null ? new RouteError(0, 0, problem.Message, problem.Remedy) : null;
        return key;
    }

    internal static RouteKey? Read(ReadOnlySpan<char> text, out RouteProblem problem)
    {
        problem = default;
        if (text.IsEmpty)
        {
            problem = new(0, $"the domain is missing", $"write a domain, .domain, ALL or an address");
            return null;
        }
        if (text.Equals("ALL", StringComparison.OrdinalIgnoreCase)) return new(RouteKeyKind.All, "ALL");
        if (text[0] == '[')
        {
            if (text[^1] == ']' && text.Length > 2) return ReadAddresses(text[1..^1], 1, out problem);
            problem = BracketProblem(text);
            return null;
        }
        // An IPv6 address has two colons at least.
        if (text.Count(':') == 1)
        {
            problem = PortProblem(text, text.IndexOf(':'));
            return null;
        }
        if (text.Contains(':') || (char.IsAsciiDigit(text[0]) && !text.ContainsAnyExcept(AddressCharacters)))
        {
            return ReadAddresses(text, 0, out problem);
        }
        var below = text[0] == '.';
        if (Domain.TryParse(below ? text[1..] : text, out var domain))
        {
            return below ? new(RouteKeyKind.Subdomains, "." + domain.Name) : new(RouteKeyKind.Domain, domain.Name);
        }
        problem = NameProblem.Of(text, below ? 1 : 0, $"domain name");
        return null;
    }

    private static RouteProblem BracketProblem(ReadOnlySpan<char> text)
    {
        var close = text.IndexOf(']');
        if (close < 0) return new(0, $"the bracket of '{text}' is not closed", $"write [ADDRESS]");
        if (close == 1) return new(0, $"there is nothing between the brackets of '{text}'", $"write [ADDRESS]");
        var rest = text[(close + 1)..];
        return rest[0] switch
        {
            ':' => PortProblem(text, close + 1),
            '/' or '-' => new(close + 1, $"'{rest}' stands behind the bracket of '{text[..(close + 1)]}'",
                $"write the prefix or range within the brackets, as in [10.1.2.0/24]"),
            _ => new(close + 1, $"'{rest}' cannot stand behind the bracket", $"write [ADDRESS]"),
        };
    }

    private static RouteProblem PortProblem(ReadOnlySpan<char> text, int at) =>
        new(at, $"a receiving domain has no port, but there is '{text[at..]}' behind '{text[..at]}'",
            $"write {text[..at]}; a port stands behind a destination host");

    private static RouteKey? ReadAddresses(ReadOnlySpan<char> text, int offset, out RouteProblem problem)
    {
        var cut = text.IndexOfAny('/', '-');
        var first = ReadAddress(cut < 0 ? text : text[..cut], offset, out problem);
        if (first is null) return null;
        if (cut < 0) return Make(RouteKeyKind.Address, $"[{first}]", ToNumber(first), ToNumber(first), first);
        var rest = text[(cut + 1)..];
        if (text[cut] == '/') return ReadPrefix(first, text[..cut], rest, offset + cut + 1, out problem);

        var last = ReadAddress(rest, offset + cut + 1, out problem);
        if (last is null) return null;
        if (first.AddressFamily != last.AddressFamily)
        {
            problem = new(offset, $"the range '{text}' mixes IPv4 and IPv6", $"take both ends from one family");
            return null;
        }
        if (ToNumber(first) <= ToNumber(last))
        {
            return Make(RouteKeyKind.Range, $"[{first}-{last}]", ToNumber(first), ToNumber(last), first);
        }
        problem = new(offset, $"the range '{text}' is reversed: its end is below its start", $"write {last}-{first}");
        return null;
    }

    private static RouteKey? ReadPrefix(
        IPAddress address, ReadOnlySpan<char> asWritten, ReadOnlySpan<char> digits, int at, out RouteProblem problem)
    {
        problem = default;
        var bits = address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;
        // A prefix of IPv4-mapped addresses is one of IPv4 addresses (N13).
        var mapped = bits == 32 && asWritten.Contains(':');
        if (!AddressText.TryReadNumber(digits, mapped ? 128 : bits, out var length) || (mapped && length < 96))
        {
            problem = mapped
                ? new(at, $"the prefix length '{digits}' of an IPv4-mapped address is not from 96 to 128",
                    $"write {address}/32 or another length")
                : new(at, $"the prefix length '{digits}' is not a number from 0 to {bits}",
                    $"write {(bits == 32 ? "10.1.0.0/16" : "2001:db8::/64")} or another length");
            return null;
        }
        if (mapped) length -= 96;
        var hostBits = length == 0 && bits == 128 ? UInt128.MaxValue : (UInt128.One << (bits - length)) - 1;
        var first = ToNumber(address) & ~hostBits;
        var network = ToAddress(first, bits == 128);
        if (first == ToNumber(address))
            return Make(RouteKeyKind.Prefix, $"[{network}/{length}]", first, first | hostBits, address);
        problem = new(at - asWritten.Length - 1, $"'{asWritten}/{digits}' has bits beyond its prefix",
            $"write {network}/{length} for the whole network, or {address} for the one address");
        return null;
    }

    private static IPAddress? ReadAddress(ReadOnlySpan<char> text, int at, out RouteProblem problem)
    {
        problem = default;
        if (text.Contains(':'))
        {
            var address = AddressText.ReadIpv6(text);
            if (address is null) problem = new(at, $"'{text}' is not an IPv6 address", $"write it like 2001:db8::25");
            return address;
        }
        var v4 = AddressText.ReadIpv4(text, out problem);
        if (v4 is null) problem = problem with { At = at };
        return v4;
    }

    private static RouteKey Make(RouteKeyKind kind, string text, UInt128 first, UInt128 last, IPAddress family) =>
        new(kind, text) { First = first, Last = last, IsV6 = IsIPv6(family) };

    internal static bool IsIPv6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;

    internal static UInt128 ToNumber(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out var written);
        return written == 4
            ? BinaryPrimitives.ReadUInt32BigEndian(octets) : BinaryPrimitives.ReadUInt128BigEndian(octets);
    }

    private static IPAddress ToAddress(UInt128 number, bool v6)
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, number);
        return new IPAddress(v6 ? octets : octets[12..]);
    }
}
