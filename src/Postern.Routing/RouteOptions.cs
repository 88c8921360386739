using Postern.Mail;

namespace Postern.Routing;

/// <summary>The options behind the hosts of a route: <c>option = "auth=" profile / word "=" value</c>.</summary>
/// <param name="Auth">The profile of <c>auth=</c>; null: none.</param>
/// <param name="Policy">What the other options say.</param>
internal readonly record struct RouteOptions(string? Auth, RoutePolicy Policy)
{
    private const string Forms = "auth=PROFILE, on_rcpt_4xx=next|hold, hosts=turns|first-up|least-busy, "
        + "hold_for_probe=DURATION";
    private const string AuthWord = "auth", RcptWord = "on_rcpt_4xx", HostsWord = "hosts", ProbeWord = "hold_for_probe";

    private static readonly Sentence knownOptions = $"known options: {Forms}";
    private static readonly string[] words = [AuthWord, RcptWord, HostsWord, ProbeWord];

    /// <summary>Reads the options between two places of a line and adds all that is wrong.</summary>
    /// <param name="line">The line.</param>
    /// <param name="at">Where they begin.</param>
    /// <param name="end">Where they end.</param>
    /// <param name="kind">What the route does: not every option goes with it.</param>
    /// <param name="profiles">The profiles that exist; null: not checked.</param>
    /// <param name="problems">What is wrong.</param>
    public static RouteOptions Read(
        ReadOnlySpan<char> line, int at, int end, RouteKind kind, IReadOnlySet<string>? profiles,
        List<RouteProblem> problems)
    {
        var options = new RouteOptions(null, RoutePolicy.Default);
        var seen = 0;
        while (at < end)
        {
            var tokenEnd = at;
            while (tokenEnd < end && !RouteLine.IsSpace(line[tokenEnd])) tokenEnd++;
            var token = line[at..tokenEnd];
            var equals = token.IndexOf('=');
            if (token[0] == '/')
            {
                problems.Add(new(at, $"there is white space before '{token}'",
                    $"write it next to its host: HOST/pri=10"));
            }
            else if (equals <= 0)
            {
                problems.Add(new(at, $"'{token}' is neither an option nor set off by a comma",
                    $"separate hosts by commas; {knownOptions}"));
            }
            else if (NumberOf(token[..equals]) is not (>= 0 and var number))
            {
                problems.Add(new(at, $"unknown option '{token[..equals]}'", RemedyFor(token[..equals].ToString())));
            }
            else if ((seen & (1 << number)) != 0)
            {
                problems.Add(new(at, $"{words[number]}= stands twice", $"take one out"));
            }
            else
            {
                seen |= 1 << number;
                CheckKind(words[number], kind, at, problems);
                var value = token[(equals + 1)..].ToString();
                options = options.With(words[number], value, at + equals + 1, profiles, problems);
            }
            at = RouteLine.SkipSpace(line, tokenEnd, end);
        }
        return options;
    }

    private static int NumberOf(ReadOnlySpan<char> word)
    {
        for (var i = 0; i < words.Length; i++)
            if (word.Equals(words[i], StringComparison.OrdinalIgnoreCase)) return i;
        return -1;
    }

    private static Sentence RemedyFor(string word)
    {
        if (NearestWord.SlipFor(word, words) is { } nearest) return $"did you mean {nearest}=?";
        return knownOptions;
    }

    private RouteOptions With(
        string word, string value, int at, IReadOnlySet<string>? profiles, List<RouteProblem> problems)
    {
        switch (word)
        {
            case AuthWord:
                CheckProfile(value, at, profiles, problems);
                return this with { Auth = value };
            case RcptWord:
                var holds = Choice(value, at, word, problems, ("next", false), ("hold", true));
                return this with { Policy = Policy with { HoldsAfterRcpt4xx = holds } };
            case HostsWord:
                var equal = Choice(value, at, word, problems, ("turns", EqualHosts.Turns),
                    ("first-up", EqualHosts.FirstUp), ("least-busy", EqualHosts.LeastBusy));
                return this with { Policy = Policy with { EqualHosts = equal } };
            default:
                if (!Amounts.TryParseDuration(value, out var hold) || hold > RoutePolicy.MaxHoldForProbe)
                {
                    problems.Add(new(at, $"'{value}' is no duration that {word} takes",
                        $"write one from 0s to {Amounts.Duration(RoutePolicy.MaxHoldForProbe)}: {word}=5m"));
                }
                return this with { Policy = Policy with { HoldForProbe = hold } };
        }
    }

    private static T Choice<T>(
        string value, int at, string word, List<RouteProblem> problems,
        params ReadOnlySpan<(string Word, T Value)> known)
    {
        foreach (var (name, meaning) in known)
            if (value.Equals(name, StringComparison.OrdinalIgnoreCase)) return meaning;
        var choices = new List<string>();
        foreach (var (name, _) in known) choices.Add($"{word}={name}");
        problems.Add(new(at, $"'{value}' is no value of {word}=", $"write one of these: {string.Join(", ", choices)}"));
        return known[0].Value;
    }

    // An option that could change nothing is a mistake of whoever wrote it.
    private static void CheckKind(string word, RouteKind kind, int at, List<RouteProblem> problems)
    {
        if (kind == RouteKind.Discard && word != AuthWord)
        {
            problems.Add(new(at, $"/dev/null takes no {word}=: there is no host", $"take {word}= out"));
        }
        else if (kind == RouteKind.UseDns && word == HostsWord)
        {
            problems.Add(new(at, $"USEDNS takes no hosts=: equal MX hosts take turns (RFC 5321 §5.1)",
                $"name the hosts, or take hosts= out"));
        }
    }

    private static void CheckProfile(
        string profile, int at, IReadOnlySet<string>? profiles, List<RouteProblem> problems)
    {
        if (profile.Length == 0)
        {
            problems.Add(new(at, $"the profile behind auth= is missing", $"write auth=PROFILE"));
        }
        else if (profiles is not null && !profiles.Contains(profile))
        {
            var nearest = NearestWord.SlipFor(profile, profiles);
            problems.Add(nearest is null
                ? new(at, $"the profile '{profile}' is not defined",
                    $"make it with 'postern smtpauth new', or as [auth_profile.{profile}] in postern.toml")
                : new(at, $"the profile '{profile}' is not defined", $"did you mean auth={nearest}?"));
        }
    }
}
