using Microsoft.AspNetCore.Http;

namespace Postern.Admin;

/// <summary>
/// Lets nobody in without the token, whatever the path, so that not even its existence is told; but for
/// <c>/health/</c>. <c>Authorization: Bearer TOKEN</c> as in RFC 6750 §2.1.
/// </summary>
internal static class TokenGate
{
    private const string Scheme = "Bearer ";

    public static Func<HttpContext, RequestDelegate, Task> For(string token) => (context, next) =>
    {
        if (context.Request.Path.StartsWithSegments("/health")) return next(context);
        string given = context.Request.Headers.Authorization.ToString();
        if (given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && ApiToken.IsSame(token, given[Scheme.Length..].Trim())) return next(context);
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Results.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "Unauthorized",
            detail: "The token of the file api-token in the data folder is missing or wrong.").ExecuteAsync(context);
    };
}
