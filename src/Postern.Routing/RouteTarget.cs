namespace Postern.Routing;

/// <summary>Everything of a route but its key: where its mail goes. Shared by routes that are written alike.</summary>
internal sealed record RouteTarget(RouteKind Kind, IReadOnlyList<DestinationHost> Hosts, RouteOptions Options)
{
    /// <summary>Hosts of a route; more is an error, so that the work for a message stays bounded.</summary>
    public const int MaxHosts = 256;

    /// <summary>
    /// Reads <c>hosts *( 1*WSP option )</c>, the text from <paramref name="at"/> to <paramref name="end"/>. Adds all
    /// that is wrong to <paramref name="problems"/>; the result is of use only when nothing was added.
    /// <paramref name="profiles"/> null: not checked.
    /// </summary>
    public static RouteTarget Read(
        ReadOnlySpan<char> line, int at, int end, IReadOnlySet<string>? profiles, List<RouteProblem> problems)
    {
        var hosts = new List<DestinationHost>(1);
        var kind = RouteKind.Hosts;
        var entries = 0;
        var first = at;
        while (true)
        {
            var tokenEnd = at;
            while (tokenEnd < end && line[tokenEnd] != ',' && !RouteLine.IsSpace(line[tokenEnd])) tokenEnd++;
            var special = ReadEntry(line[at..tokenEnd], at, ++entries, hosts, problems);
            if (special != RouteKind.Hosts) kind = special;
            at = RouteLine.SkipSpace(line, tokenEnd, end);
            if (at >= end || line[at] != ',') break;
            at = RouteLine.SkipSpace(line, at + 1, end);
        }
        if (kind != RouteKind.Hosts && entries > 1)
        {
            problems.Add(new(first, $"{Word(kind)} stands alone", $"take the other hosts out, or {Word(kind)}"));
        }
        var options = RouteOptions.Read(line, at, end, kind, profiles, problems);
        if (options.Auth is not null && kind == RouteKind.UseDns)
        {
            problems.Add(new(first, $"USEDNS takes no auth=: credentials are for hosts that are named here",
                $"name the hosts, or take auth= out"));
        }
        return new RouteTarget(kind, hosts.Count == 0 ? [] : hosts.ToArray(), options);
    }

    /// <summary>Where the options begin, or <paramref name="end"/> where there are none.</summary>
    public static int EndOfHosts(ReadOnlySpan<char> line, int at, int end)
    {
        while (true)
        {
            while (at < end && line[at] != ',' && !RouteLine.IsSpace(line[at])) at++;
            at = RouteLine.SkipSpace(line, at, end);
            if (at >= end || line[at] != ',') return at;
            at = RouteLine.SkipSpace(line, at + 1, end);
        }
    }

    /// <summary>What a word means that stands alone, in place of hosts; a host has <see cref="RouteKind.Hosts"/>.
    /// </summary>
    public static RouteKind KindOf(ReadOnlySpan<char> token) =>
        token.Equals("USEDNS", StringComparison.OrdinalIgnoreCase) ? RouteKind.UseDns
        : token.Equals("/dev/null", StringComparison.OrdinalIgnoreCase) ? RouteKind.Discard : RouteKind.Hosts;

    private static string Word(RouteKind kind) => kind == RouteKind.UseDns ? "USEDNS" : "/dev/null";

    private static RouteKind ReadEntry(
        ReadOnlySpan<char> token, int at, int number, List<DestinationHost> hosts, List<RouteProblem> problems)
    {
        if (KindOf(token) is not RouteKind.Hosts and var special) return special;
        if (token.IsEmpty)
        {
            problems.Add(number == 1
                ? new(at, $"the destination host is missing", $"write a host, USEDNS or /dev/null behind the domain")
                : new(at, $"a host is missing beside the comma", $"write the host, or take the comma out"));
            return RouteKind.Hosts;
        }
        if (number == MaxHosts + 1)
        {
            problems.Add(new(at, $"a route has at most {MaxHosts} hosts",
                $"put the hosts behind one name with MX records"));
        }
        if (number > MaxHosts || DestinationHostText.Read(token, at, problems) is not { } host) return RouteKind.Hosts;

        foreach (var other in hosts)
        {
            if (!IsSame(host, other)) continue;
            problems.Add(new(at, $"'{host.Text}' stands twice in this route, with the same port",
                $"take one out, or give one a larger weight: HOST/weight=2"));
            break;
        }
        hosts.Add(host);
        return RouteKind.Hosts;
    }

    // With brackets a name means other machines than without (no MX), so that both may stand in a route.
    private static bool IsSame(DestinationHost one, DestinationHost other) =>
        one.Port == other.Port && one.AddressesOnly == other.AddressesOnly
        && Equals(one.Name, other.Name) && Equals(one.Address, other.Address);
}
