using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using Postern.Admin.Monitoring;
using Postern.Delivery.Reports;
using Postern.Delivery.Scheduling;
using Postern.Reporting;

namespace Postern.Admin;

/// <summary>Totals and the busiest receiving domains over the API; see docs/design/api.md.</summary>
internal sealed class StatusOperations(AdminParts parts)
{
    private const int ListedUnlessAsked = 20;
    private const string Hour = "hour", Day = "day";

    private static readonly IReadOnlyDictionary<string, Func<DestinationReport, long>> ranks =
        new Dictionary<string, Func<DestinationReport, long>>(StringComparer.Ordinal)
        {
            ["active"] = d => d.ActiveRecipients,
            ["connections"] = d => d.Connections,
            ["delivered"] = d => d.Delivered,
            ["soft"] = d => d.SoftBounced,
            ["hard"] = d => d.HardBounced,
        };

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, "/api/v1/status", "showStatus", "Counters, rates and gauges of the gateway.",
            typeof(GatewayStatus), StatusAsync),
        new(HttpMethod.Get, "/api/v1/status/series", "showSeries",
            "Mail in and out, the queue and waiting clients over the last hour or day, for charts.",
            typeof(SeriesAnswer), context => Task.FromResult(Series(context)))
        {
            Parameters =
            [
                new("span", "hour: a point a minute; day: a point in 15 minutes.", new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Enum = [Hour, Day],
                    Default = Hour,
                }),
            ],
            Problems = [400],
        },
        new(HttpMethod.Get, "/api/v1/destinations", "listDestinations",
            "The receiving domains with most of what is asked for, the largest first.", typeof(DestinationsAnswer),
            DestinationsAsync)
        {
            Parameters =
            [
                new("sort", "What they are ordered by.", new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Enum = [.. ranks.Keys],
                    Default = "active",
                }),
                ApiParameter.Number("limit", "How many.", 1, Overview.MaxListed, ListedUnlessAsked),
            ],
            Problems = [400],
        },
    ];

    private async Task<IResult> StatusAsync(HttpContext context)
    {
        var facts = parts.Facts();
        var gauges = await parts.Delivery.AskAsync(static s => s.Overview.Gauges()).ConfigureAwait(false);
        return ApiRequest.Json(new GatewayStatus
        {
            HostName = facts.HostName,
            Version = facts.Version,
            Now = parts.Time.GetUtcNow(),
            Started = facts.Started,
            SpoolOpen = parts.Readiness().SpoolOpen,
            ListenersBound = parts.Readiness().ListenersBound,
            QueueRead = parts.Delivery.Recovered.IsCompletedSuccessfully,
            Counters = Enum.GetValues<MailCounter>().ToDictionary(c => c, c => parts.Counters[c]),
            Rates = [.. MailRates.Counters.Select(parts.Rates.Of)],
            ConnectionsIn = facts.ConnectionsIn,
            DiskFree = facts.DiskFree,
            Delivery = gauges,
        });
    }

    private IResult Series(HttpContext context) => (context.Request.Query["span"].FirstOrDefault() ?? Hour) switch
    {
        Hour => ApiRequest.Json(new SeriesAnswer(60, parts.Series.LastMinutes(60))),
        Day => ApiRequest.Json(new SeriesAnswer(900, parts.Series.LastMinutes(FigureSeries.Kept, 15))),
        _ => ApiRequest.Problem(400, $"span is {Hour} or {Day}."),
    };

    private async Task<IResult> DestinationsAsync(HttpContext context)
    {
        var sort = context.Request.Query["sort"].FirstOrDefault() ?? "active";
        if (!ranks.TryGetValue(sort, out var rank)
            || !ApiRequest.TryNumber(context, "limit", 1, Overview.MaxListed, ListedUnlessAsked, out var limit))
        {
            return ApiRequest.Problem(400,
                $"sort is one of {string.Join(", ", ranks.Keys)}; limit is 1 to {Overview.MaxListed}.");
        }
        var listed = await parts.Delivery.AskAsync(s => s.Overview.Destinations(rank, limit)).ConfigureAwait(false);
        return ApiRequest.Json(new DestinationsAnswer(listed));
    }
}
