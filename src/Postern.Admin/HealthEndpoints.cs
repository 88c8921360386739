using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Postern.Admin;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: mail can be taken, else 503. Both are open to
/// everybody who reaches the address and say nothing about mail.
/// </summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, Func<Readiness> readiness)
    {
        routes.MapGet("/health/live", NoStore(static () => (StatusCodes.Status200OK, new { status = "live" })));
        routes.MapGet("/health/ready", NoStore(() =>
        {
            var now = readiness();
            return (now.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
                new { status = now.IsReady ? "ready" : "not ready", now.SpoolOpen, now.ListenersBound });
        }));
    }

    private static RequestDelegate NoStore(Func<(int Status, object Body)> answer) => async context =>
    {
        var (status, body) = answer();
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(body, body.GetType(), context.RequestAborted).ConfigureAwait(false);
    };
}
