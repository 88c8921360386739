using System.Net;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>
/// Reads one destination host: <c>host = ( name / "[" name "]" / ipv4 / "[" ipv4 "]" / ipv6 / "[" ipv6 "]" )
/// [ ":" port ] *( "/pri=" 1*DIGIT / "/weight=" 1*DIGIT )</c>
/// </summary>
internal static class DestinationHostText
{
    public const int MaxPort = 65535;
    public const int MaxPriority = 65535;
    public const int MaxWeight = 1000;

    /// <summary>Reads a token that stands at <paramref name="at"/>; null after a problem that leaves no host.</summary>
    public static DestinationHost? Read(ReadOnlySpan<char> token, int at, List<RouteProblem> problems)
    {
        var before = problems.Count;
        var slash = token.IndexOf('/');
        if (slash == 0)
        {
            problems.Add(new(at, $"'{token}' is not a host", $"write a name, an address, USEDNS or /dev/null"));
            return null;
        }
        var text = slash < 0 ? token : token[..slash];
        // With a port it would be read as a host of that name, which nobody means.
        if (text.Equals("USEDNS", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("USEDNS:", StringComparison.OrdinalIgnoreCase))
        {
            problems.Add(new(
                at, $"USEDNS stands alone and takes neither port nor priority nor weight", $"write USEDNS only"));
            return null;
        }
        var (priority, weight) = slash < 0 ? (0, 1) : ReadSuffixes(token, slash, at, problems);
        var (name, address, bracketed, port) = ReadPlace(text, at, problems);
        if (problems.Count > before) return null;
        return new DestinationHost
        {
            // A name as written is most often its normal form, and then one string serves both.
            Text = name is not null && text.SequenceEqual(name.Name) ? name.Name : text.ToString(),
            Name = name,
            Address = address,
            AddressesOnly = bracketed && name is not null,
            Port = port,
            Priority = priority,
            Weight = weight,
        };
    }

    private static (int Priority, int Weight) ReadSuffixes(
        ReadOnlySpan<char> token, int slash, int at, List<RouteProblem> problems)
    {
        int? priority = null, weight = null;
        while (slash < token.Length)
        {
            var next = token[(slash + 1)..].IndexOf('/');
            var end = next < 0 ? token.Length : slash + 1 + next;
            var suffix = token[slash..end];
            if (suffix.StartsWith("/pri=", StringComparison.OrdinalIgnoreCase))
            {
                ReadNumber(suffix, 5, at + slash, 0, MaxPriority, $"the priority", ref priority, problems);
            }
            else if (suffix.StartsWith("/weight=", StringComparison.OrdinalIgnoreCase))
            {
                ReadNumber(suffix, 8, at + slash, 1, MaxWeight, $"the weight", ref weight, problems);
            }
            else
            {
                var equals = suffix.IndexOf('=');
                var meant = NearestWord.SlipFor(equals < 0 ? suffix[1..] : suffix[1..equals], ["pri", "weight"]);
                problems.Add(meant is null
                    ? new(at + slash, $"'{suffix}' is unknown", $"a host takes /pri=N and /weight=N")
                    : new(at + slash, $"'{suffix}' is unknown", $"did you mean /{meant}=N?"));
            }
            slash = end;
        }
        return (priority ?? 0, weight ?? 1);
    }

    private static void ReadNumber(
        ReadOnlySpan<char> suffix, int digitsAt, int at, int least, int largest, Sentence what, ref int? number,
        List<RouteProblem> problems)
    {
        if (number is not null)
        {
            problems.Add(new(at, $"{what} is given twice", $"take one out"));
            return;
        }
        if (!AddressText.TryReadNumber(suffix[digitsAt..], largest, out var value) || value < least)
        {
            problems.Add(new(at + digitsAt,
                $"{what} '{suffix[digitsAt..]}' is not a number from {least} to {largest}",
                $"write {suffix[..digitsAt]}{(least == 0 ? 10 : 1)} or another number in that range"));
        }
        number = value;
    }

    private static (Domain? Name, IPAddress? Address, bool Bracketed, int Port) ReadPlace(
        ReadOnlySpan<char> text, int at, List<RouteProblem> problems)
    {
        if (text[0] == '[')
        {
            var close = text.IndexOf(']');
            if (close < 2)
            {
                problems.Add(close == 1
                    ? new(at, $"there is nothing between the brackets", $"write [HOST]")
                    : new(at, $"the bracket of '{text}' is not closed", $"write [HOST] or [HOST]:PORT"));
                return default;
            }
            var (name, address) = ReadNameOrAddress(text[1..close], at + 1, problems);
            var rest = text[(close + 1)..];
            if (rest.IsEmpty) return (name, address, true, 25);
            if (rest[0] == ':') return (name, address, true, ReadPort(rest[1..], at + close + 2, problems));
            problems.Add(new(at + close + 1, $"'{rest}' cannot stand behind the bracket", $"write [HOST]:PORT"));
            return default;
        }
        var colon = text.IndexOf(':');
        if (colon >= 0 && text[(colon + 1)..].Contains(':')) return ReadBareIpv6(text, at, problems);
        var (plainName, plainAddress) = ReadNameOrAddress(colon < 0 ? text : text[..colon], at, problems);
        var port = colon < 0 ? 25 : ReadPort(text[(colon + 1)..], at + colon + 1, problems);
        return (plainName, plainAddress, false, port);
    }

    private static (Domain? Name, IPAddress? Address, bool Bracketed, int Port) ReadBareIpv6(
        ReadOnlySpan<char> text, int at, List<RouteProblem> problems)
    {
        if (AddressText.ReadIpv6(text) is { } address) return (null, address, false, 25);
        var last = text.LastIndexOf(':');
        var hasPort = AddressText.TryReadNumber(text[(last + 1)..], 99999, out _)
            && AddressText.ReadIpv6(text[..last]) is not null;
        problems.Add(hasPort
            ? new(at, $"an IPv6 address takes a port only with brackets",
                $"write [{text[..last]}]:{text[(last + 1)..]}")
            : new(at, $"'{text}' is not an IPv6 address", $"write it like 2001:db8::25 or [2001:db8::25]:25"));
        return default;
    }

    private static (Domain? Name, IPAddress? Address) ReadNameOrAddress(
        ReadOnlySpan<char> text, int at, List<RouteProblem> problems)
    {
        if (text.Contains(':'))
        {
            if (AddressText.ReadIpv6(text) is { } v6) return (null, v6);
            problems.Add(new(at, $"'{text}' is not an IPv6 address", $"write it like [2001:db8::25]:25"));
            return default;
        }
        if (AddressText.LooksLikeIpv4(text))
        {
            var v4 = AddressText.ReadIpv4(text, out var wrong);
            if (v4 is null) problems.Add(wrong with { At = at });
            return (null, v4);
        }
        if (Domain.TryParse(text, out var name)) return (name, null);
        var problem = NameProblem.Of(text, 0, $"host name");
        problems.Add(problem with { At = at + problem.At });
        return default;
    }

    private static int ReadPort(ReadOnlySpan<char> digits, int at, List<RouteProblem> problems)
    {
        if (AddressText.TryReadNumber(digits, MaxPort, out var port) && port > 0) return port;
        problems.Add(new(at, $"the port '{digits}' is not a number from 1 to {MaxPort}",
            $"write :25, or leave the port out"));
        return 25;
    }
}
