namespace Postern.Routing;

/// <summary>The options behind the hosts of a route: <c>option = "auth=" profile / word "=" value</c>.</summary>
internal static class RouteOptions
{
    private const string Known = "known options: auth=PROFILE";

    /// <summary>Reads the options between two places of a line.</summary>
    /// <returns>The profile of <c>auth=</c>, or null.</returns>
    public static string? ReadAuth(
        ReadOnlySpan<char> line, int at, int end, IReadOnlySet<string>? profiles, List<RouteProblem> problems)
    {
        string? auth = null;
        while (at < end)
        {
            var tokenEnd = at;
            while (tokenEnd < end && !RouteLine.IsSpace(line[tokenEnd])) tokenEnd++;
            var token = line[at..tokenEnd];
            var equals = token.IndexOf('=');
            if (token[0] == '/')
            {
                problems.Add(new(at, $"there is white space before '{token}'",
                    "write it next to its host: HOST/pri=10"));
            }
            else if (equals <= 0)
            {
                problems.Add(new(at, $"'{token}' is neither an option nor set off by a comma",
                    $"separate hosts by commas; {Known}"));
            }
            else if (!token[..equals].Equals("auth", StringComparison.OrdinalIgnoreCase))
            {
                problems.Add(new(at, $"unknown option '{token[..equals]}'", Known));
            }
            else if (auth is not null)
            {
                problems.Add(new(at, "auth= stands twice", "take one out"));
            }
            else
            {
                auth = token[(equals + 1)..].ToString();
                CheckProfile(auth, at + equals + 1, profiles, problems);
            }
            at = RouteLine.SkipSpace(line, tokenEnd, end);
        }
        return auth;
    }

    private static void CheckProfile(
        string profile, int at, IReadOnlySet<string>? profiles, List<RouteProblem> problems)
    {
        if (profile.Length == 0)
        {
            problems.Add(new(at, "the profile behind auth= is missing", "write auth=PROFILE"));
        }
        else if (profiles is not null && !profiles.Contains(profile))
        {
            var nearest = NearestWord.SlipFor(profile, profiles);
            problems.Add(new(at, $"the profile '{profile}' is not defined", nearest is null
                ? $"make it with 'postern smtpauth new', or as [auth_profile.{profile}] in postern.toml"
                : $"did you mean auth={nearest}?"));
        }
    }
}
