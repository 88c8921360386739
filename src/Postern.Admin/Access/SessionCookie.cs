using Microsoft.AspNetCore.Http;

namespace Postern.Admin.Access;

/// <summary>The cookie that holds the secret of a session (RFC 6265). Browsers keep it until they are closed.</summary>
/// <param name="port">Of the admin address: cookies of two gateways on one host must not replace each other.</param>
internal sealed class SessionCookie(int port)
{
    private readonly string _name = $"postern-session-{port}";

    /// <summary>What the request carries; null: nothing.</summary>
    public string? In(HttpContext context) => context.Request.Cookies[_name];

    /// <summary>Gives it to the browser.</summary>
    public void Give(HttpContext context, string secret) =>
        context.Response.Cookies.Append(_name, secret, Options(context));

    /// <summary>Takes it back.</summary>
    public void TakeBack(HttpContext context) => context.Response.Cookies.Delete(_name, Options(context));

    // No script reads it, and no page of another site sends it.
    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = "/",
        IsEssential = true,
    };
}
