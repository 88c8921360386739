using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Postern.Admin.Accounts;
using Postern.Admin.Monitoring;
using Postern.Admin.Pages;

namespace Postern.Admin.Access;

/// <summary>
/// The one gate: every request is looked at here before anything answers it. It lets in who has a token
/// (<c>Authorization: Bearer TOKEN</c>, RFC 6750 §2.1) or a session, and says on <see cref="HttpContext.User"/> who it
/// is, with its role; what <see cref="MonitorGate"/> knows beside; and everybody to <c>/health/</c>, the login page and
/// its assets. Whatever the path, nobody else is told even whether it exists.
/// </summary>
internal sealed class AdminGate(
    string token, TokenStore tokens, Sessions sessions, SessionCookie cookie, MonitorGate monitors,
    IAntiforgery antiforgery, Func<TotpPolicy> totp)
{
    private const string Scheme = "Bearer ";

    /// <summary>Looks at a request and lets it through, or answers it.</summary>
    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        IResult? refusal;
        try
        {
            refusal = await RefusalAsync(context).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // Where the file of accounts is, and what is wrong with it, is nothing for somebody who is not let in.
            refusal = Results.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable, detail: "The accounts cannot be read.");
        }
        await (refusal is null ? next(context) : refusal.ExecuteAsync(context)).ConfigureAwait(false);
    }

    /// <summary>What a request is answered that proves nothing.</summary>
    public static IResult Unauthorized(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Results.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "Unauthorized",
            detail: "The token of the file api-token in the data folder, or one that was made for a program, is "
                + "missing, wrong or no longer good.");
    }

    private async Task<IResult?> RefusalAsync(HttpContext context)
    {
        var path = context.Request.Path;
        if (path.StartsWithSegments("/health")) return null;
        var isForPrograms = IsForPrograms(path);
        if (isForPrograms && ProgramIn(context) is { } program)
        {
            context.User = program;
            return null;
        }
        if (!isForPrograms && !HasAddress(context.Request))
            return ApiRequest.Problem(StatusCodes.Status400BadRequest, "The Host is missing or wrong.");
        if (IsForeign(context)) return Forbidden("The request comes from a page of another address.");
        var session = cookie.In(context) is { } secret ? sessions.Use(secret) : null;
        if (session is not null) context.User = Caller.OfSession(session, context.Connection.RemoteIpAddress);
        if (session is null && !IsOpen(path)) return await StrangerAsync(context).ConfigureAwait(false);
        if (session is not null && !IsOpen(path) && OwedBy(session.Account) is { } owed && !IsFor(path, owed.Path))
            return IsVisit(context) ? Results.Redirect(owed.Path) : Forbidden(owed.Detail);
        return NeedsAntiforgery(context) ? await ForgeryAsync(context).ConfigureAwait(false) : null;
    }

    private async Task<IResult?> StrangerAsync(HttpContext context)
    {
        if (MonitorGate.IsFor(context.Request.Path))
            return await monitors.RefusalAsync(context).ConfigureAwait(false);
        return IsVisit(context) ? Results.Redirect(LoginPages.AddressFor(
            context.Request.Path + context.Request.QueryString,
            cookie.In(context) is null ? SessionEnd.None : SessionEnd.Over)) : Unauthorized(context);
    }

    private ClaimsPrincipal? ProgramIn(HttpContext context)
    {
        string header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var given = header[Scheme.Length..].Trim();
        if (ApiToken.IsSame(token, given)) return Caller.OfToken();
        return tokens.Find(given) is { } issued ? Caller.OfToken(issued) : null;
    }

    // Why a request is not taken for one of a page that was served here; null: it is.
    private async Task<IResult?> ForgeryAsync(HttpContext context)
    {
        try
        {
            if (await antiforgery.IsRequestValidAsync(context).ConfigureAwait(false)) return null;
        }
        catch (Exception e) when (e is AntiforgeryValidationException or InvalidDataException
            or BadHttpRequestException)
        {
            // Any other form has no form, for example a multipart one without a boundary.
            if (ApiRequest.TooLarge(e) is { } tooLarge) return tooLarge;
        }
        return LoginPages.IsLogin(context.Request.Path) ? LoginPages.TooOld(context) : Stale();
    }

    private static bool IsOpen(PathString path) => LoginPages.IsLogin(path) || PageAssets.Has(path);

    // A page is for somebody whose session can end; the connection of one that a token has opened would not.
    private static bool IsForPrograms(PathString path) => path.StartsWithSegments("/api") || MonitorGate.IsFor(path);

    // A password that was printed on a terminal is good for one thing: to choose another one.
    private (string Path, string Detail)? OwedBy(Account account) =>
        account.IsOneTime ? (LoginPages.PasswordPath, "Choose a password first.")
        : totp().Lacks(account) ? (TwoStepPages.TwoStepPath, "Turn on two-step login first.") : null;

    private static bool IsFor(PathString path, string owed) =>
        path.StartsWithSegments(owed) || path == LoginPages.LogoutPath;

    /// <summary>Somebody opened a page in a browser, and a problem in JSON would not help them.</summary>
    public static bool IsVisit(HttpContext context) => HttpMethods.IsGet(context.Request.Method)
        && !context.Request.Path.StartsWithSegments("/api")
        && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Whether a browser says that another page makes the request (RFC 6454 §7). The port counts: a page of another
    /// server on this host is of the same site, so that SameSite alone would let it in.
    /// </summary>
    private static bool IsForeign(HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length == 0) return false;
        // The scheme does not count: a proxy in front may speak TLS.
        return !Uri.TryCreate(origin, UriKind.Absolute, out var from)
            || !Uri.TryCreate($"{from.Scheme}://{context.Request.Host}", UriKind.Absolute, out var here)
            || !string.Equals(from.Authority, here.Authority, StringComparison.OrdinalIgnoreCase);
    }

    // Pages and redirects are made for the address that a request names (RFC 9112 §3.2).
    private static bool HasAddress(HttpRequest request) =>
        request.Host.HasValue && Uri.TryCreate($"{request.Scheme}://{request.Host}/", UriKind.Absolute, out _);

    // The connection of a page is opened by a script, and IsForeign keeps others away from it. A page has no other
    // method than these two, which it is answered.
    private static bool NeedsAntiforgery(HttpContext context) =>
        !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        && (IsForPrograms(context.Request.Path) || HttpMethods.IsPost(context.Request.Method))
        && !context.Request.Path.StartsWithSegments(PageHost.ConnectionPath);

    private static IResult Stale() => Results.Problem(statusCode: StatusCodes.Status400BadRequest,
        detail: "The antiforgery token is missing or wrong: load the page again.");

    private static IResult Forbidden(string detail) =>
        Results.Problem(statusCode: StatusCodes.Status403Forbidden, detail: detail);
}
