using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Postern.Admin.Access;
using Postern.Admin.Accounts;

namespace Postern.Admin.Monitoring;

/// <summary>
/// Who may read what monitors read, beside those who have the token: <c>/xml/status</c> any account by HTTP Basic
/// authentication (RFC 7617), <c>/metrics</c> the addresses of <c>[admin] metrics_from</c>.
/// </summary>
internal sealed class MonitorGate(
    PasswordCheck logins, Func<IReadOnlyList<IPNetwork>> metricsFrom, Func<TotpPolicy> totp)
{
    private const string Scheme = "Basic ";

    /// <summary>The path is one that monitors read.</summary>
    public static bool IsFor(PathString path) => IsStatus(path)
        || path.Equals(MonitorPages.MetricsPath, StringComparison.OrdinalIgnoreCase);

    /// <summary>Looks at a request without the token and without a session.</summary>
    /// <returns>Null: it may go on; else what it is answered.</returns>
    /// <exception cref="IOException">The accounts cannot be read.</exception>
    public async Task<IResult?> RefusalAsync(HttpContext context)
    {
        if (IsStatus(context.Request.Path)) return await StatusRefusalAsync(context).ConfigureAwait(false);
        return IsListed(context.Connection.RemoteIpAddress) ? null : AdminGate.Unauthorized(context);
    }

    private static bool IsStatus(PathString path) =>
        path.Equals(MonitorPages.StatusPath, StringComparison.OrdinalIgnoreCase);

    private async Task<IResult?> StatusRefusalAsync(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } from
            || !TryCredentials(context, out var name, out var password))
            return Unauthorized(context);
        var login = await logins.CheckAsync(name, password, from, context.RequestAborted).ConfigureAwait(false);
        if (login.Account is { IsOneTime: true })
        {
            return Results.Problem(statusCode: StatusCodes.Status403Forbidden,
                detail: "The account has a one-time password: choose another one on the login page first.");
        }
        if (login.Account is { } lacking && totp().Lacks(lacking))
        {
            return Results.Problem(statusCode: StatusCodes.Status403Forbidden,
                detail: "The account needs a second factor, which a monitor cannot have: use a token.");
        }
        if (login.Account is { } account)
        {
            context.User = Caller.OfAccount(account);
            return null;
        }
        if (login.Wait == TimeSpan.Zero) return Unauthorized(context);
        context.Response.Headers.RetryAfter =
            Math.Ceiling(login.Wait.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
        return Results.Problem(statusCode: StatusCodes.Status429TooManyRequests,
            detail: "There were too many failed logins; come again later.");
    }

    private bool IsListed(IPAddress? from)
    {
        if (from is null) return false;
        var address = from.IsIPv4MappedToIPv6 ? from.MapToIPv4() : from;
        return metricsFrom().Any(network => network.Contains(address));
    }

    private static IResult Unauthorized(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"Postern\", charset=\"UTF-8\"";
        return Results.Problem(statusCode: StatusCodes.Status401Unauthorized,
            detail: "The name and password of an account without two-step login are missing or wrong.");
    }

    private static bool TryCredentials(HttpContext context, out string name, out string password)
    {
        (name, password) = ("", "");
        string given = context.Request.Headers.Authorization.ToString();
        if (!given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return false;
        var octets = new byte[given.Length];
        if (!Convert.TryFromBase64String(given[Scheme.Length..].Trim(), octets, out var length)) return false;
        var text = Encoding.UTF8.GetString(octets, 0, length);
        if (text.IndexOf(':', StringComparison.Ordinal) is var colon && colon < 0) return false;
        (name, password) = (text[..colon], text[(colon + 1)..]);
        return true;
    }
}
