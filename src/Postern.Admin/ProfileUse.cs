using Postern.Mail;
using Postern.Routing;

namespace Postern.Admin;

/// <summary>Which routes use which profile, for all who show or delete one.</summary>
internal static class ProfileUse
{
    private const int MaxRoutes = 1000;

    /// <summary>The profiles by name, with the routes that use each.</summary>
    public static IReadOnlyList<ProfileForm> All(AdminParts parts)
    {
        var users = parts.Routes().Routes.Where(route => route.AuthProfile is not null)
            .ToLookup(route => route.AuthProfile!, route => route.Key, StringComparer.Ordinal);
        return
        [
            .. parts.ProfileEdits.Profiles.Values.OrderBy(p => p.Name, StringComparer.Ordinal).Select(p =>
                new ProfileForm(p.Name, p.UserName, p.PasswordFile, p.PasswordEnvironment, p.AllowPlaintext,
                    [.. users[p.Name].Take(MaxRoutes)], users[p.Name].Count(), ProfileVersion.Of(p),
                    p.PasswordProblem)),
        ];
    }

    /// <summary>Why a profile cannot be deleted; null: no route uses it.</summary>
    public static Sentence? RefusalToDelete(SmtpRouteTable routes, string name)
    {
        var keys = routes.Routes.Where(route => route.AuthProfile == name).Select(route => route.Key).ToList();
        return keys switch
        {
            [] => null,
            [var only] => $"The profile '{name}' is used by the route {only}; take it away there first.",
            [var first, ..] => $"The profile '{name}' is used by the route {first} and {keys.Count - 1} more; "
                + $"take it away there first.",
        };
    }
}
