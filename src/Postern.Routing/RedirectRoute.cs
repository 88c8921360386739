using Postern.Mail;

namespace Postern.Routing;

/// <summary>A route that no table holds: where an operator sends mail that waits, in place of its own route.</summary>
public static class RedirectRoute
{
    private static readonly Sentence nameThem = $"name the hosts: relay.example:587";

    /// <summary>Reads destination hosts as they stand in a route, separated by commas, with options.</summary>
    /// <param name="hosts">The hosts; neither USEDNS nor /dev/null.</param>
    /// <param name="profiles">The profiles that <c>auth=</c> may name; null: not checked.</param>
    /// <param name="error">What is wrong; null: nothing.</param>
    /// <returns>The route, or null.</returns>
    public static SmtpRoute? Read(string hosts, IReadOnlySet<string>? profiles, out RouteError? error)
    {
        var text = hosts.Trim();
        var problems = new List<RouteProblem>();
        if (text.Any(char.IsControl)) problems.Add(new(0, $"there is a control character", $"take it out"));
        // What stands alone in a route is of no use here, so that its advice is none.
        if (text.Length == 0) problems.Add(new(0, $"the destination host is missing", nameThem));
        else if (text[0] == '/') problems.Add(new(0, $"'{text}' is no destination host", nameThem));
        var target = RouteTarget.Read(text, 0, text.Length, profiles, problems);
        if (problems.Count == 0 && target.Kind != RouteKind.Hosts)
            problems.Add(new(0, $"'{text}' is no destination host", nameThem));
        error = problems.Count == 0 ? null : new(0, problems[0].At + 1, problems[0].Message, problems[0].Remedy);
        return error is not null ? null : new SmtpRoute
        {
            Key = text,
            Kind = target.Kind,
            Hosts = target.Hosts,
            AuthProfile = target.Options.Auth,
            Policy = target.Options.Policy,
        };
    }
}
