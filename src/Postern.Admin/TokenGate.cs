using Microsoft.AspNetCore.Http;
using Postern.Admin.Monitoring;

namespace Postern.Admin;

/// <summary>
/// Lets nobody in without the token, whatever the path, so that not even its existence is told; but for
/// <c>/health/</c>, and for those that <see cref="MonitorGate"/> knows. <c>Authorization: Bearer TOKEN</c> as in
/// RFC 6750 §2.1.
/// </summary>
internal static class TokenGate
{
    private const string Scheme = "Bearer ";

    public static Func<HttpContext, RequestDelegate, Task> For(string token, MonitorGate monitors) =>
        async (context, next) =>
        {
            var refusal = context.Request.Path.StartsWithSegments("/health") || IsGiven(token, context) ? null
                : await monitors.RefusalAsync(context).ConfigureAwait(false);
            await (refusal is null ? next(context) : refusal.ExecuteAsync(context)).ConfigureAwait(false);
        };

    /// <summary>What a request without the token is answered.</summary>
    public static IResult Refusal(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Results.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "Unauthorized",
            detail: "The token of the file api-token in the data folder is missing or wrong.");
    }

    private static bool IsGiven(string token, HttpContext context)
    {
        string given = context.Request.Headers.Authorization.ToString();
        return given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && ApiToken.IsSame(token, given[Scheme.Length..].Trim());
    }
}
