using Microsoft.AspNetCore.Http;

namespace Postern.Admin.Access;

/// <summary>What browsers are told on every answer, see docs/design/admin.md.</summary>
internal static class SecurityHeaders
{
    /// <summary>
    /// Scripts come from this server only and never stand in a page (Content Security Policy Level 3). Styles may stand
    /// in elements: MudBlazor places its popovers and colours so.
    /// </summary>
    public const string ContentPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        + "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'self'; "
        + "frame-ancestors 'none'; object-src 'none'";

    /// <summary>Sets them; what answers may allow more, such as keeping an asset.</summary>
    public static Task SetAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.CacheControl = "no-store";
        // Not no-referrer: browsers would then send "Origin: null" with our own forms.
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        if (context.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000";
        return next(context);
    }
}
