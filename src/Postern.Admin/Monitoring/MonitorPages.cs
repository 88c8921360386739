using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Postern.Admin.Monitoring;

/// <summary>Serves <c>/xml/status</c> and <c>/metrics</c>, which are no part of the API and its description.</summary>
internal sealed class MonitorPages(AdminParts parts)
{
    /// <summary>The status in the form of an ESA.</summary>
    public const string StatusPath = "/xml/status";

    /// <summary>The metrics for Prometheus.</summary>
    public const string MetricsPath = "/metrics";

    /// <summary>Maps both.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(StatusPath, ApiPipeline.Guarded(StatusAsync)).ExcludeFromDescription();
        routes.MapGet(MetricsPath, ApiPipeline.Guarded(MetricsAsync)).ExcludeFromDescription();
    }

    private async Task<IResult> StatusAsync(HttpContext context)
    {
        var gauges = await parts.Delivery.AskAsync(static s => s.Overview.Gauges()).ConfigureAwait(false);
        return Results.Text(XmlStatus.Of(parts, gauges), "text/xml", Encoding.UTF8);
    }

    private async Task<IResult> MetricsAsync(HttpContext context)
    {
        var (gauges, queueTime) = await parts.Delivery
            .AskAsync(static s => (s.Overview.Gauges(), s.Overview.QueueTime())).ConfigureAwait(false);
        return Results.Text(Metrics.Of(parts, gauges, queueTime), PrometheusText.MediaType);
    }
}
