using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using Postern.Admin.Alerts;
using Postern.Admin.Monitoring;
using Postern.Delivery.Acting;
using Postern.Delivery.Reports;
using Postern.Delivery.Scheduling;
using Postern.Reporting;

namespace Postern.Admin;

/// <summary>Totals and the busiest receiving domains over the API; see docs/design/api.md.</summary>
internal sealed class StatusOperations(AdminParts parts)
{
    private const int ListedUnlessAsked = 20;
    private const string Hour = "hour", Day = "day", ByDomain = "domain";

    private static readonly IReadOnlyDictionary<string, DestinationOrder> orders =
        new Dictionary<string, DestinationOrder>(StringComparer.Ordinal)
        {
            [ByDomain] = DestinationOrder.Domain,
            ["active"] = DestinationOrder.Active,
            ["connections"] = DestinationOrder.Connections,
            ["delivered"] = DestinationOrder.Delivered,
            ["soft"] = DestinationOrder.SoftBounced,
            ["hard"] = DestinationOrder.HardBounced,
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
        new(HttpMethod.Get, "/api/v1/alerts", "listAlerts", "What is wrong now, and what was.",
            typeof(AlertsAnswer), _ => Task.FromResult(ApiRequest.Json(parts.Alerts()))),
        new(HttpMethod.Get, "/api/v1/flow", "showFlow",
            "Which way mail flows now: routes with mail that waits or went in the last minutes, and their hosts.",
            typeof(FlowReport), FlowAsync)
        {
            Parameters =
            [
                ApiParameter.Number("limit", "Routes that are told one by one.", 1, FlowReporting.MaxRoutes,
                    FlowLook.MaxRoutes),
            ],
            Problems = [400],
        },
        new(HttpMethod.Get, "/api/v1/destinations", "listDestinations",
            "The receiving domains with most of what is asked for, the largest first; or all of them, by name.",
            typeof(DestinationsAnswer), DestinationsAsync)
        {
            Parameters =
            [
                new("sort", "What they are ordered by.", new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Enum = [.. orders.Keys],
                    Default = "active",
                })
                {
                    Example = ByDomain,
                },
                ApiParameter.Text("search", "A part of the name.", "example"),
                ApiParameter.Text(
                    "after", "With sort=domain: the 'next' of the page before, its last domain.", "a.example"),
                ApiParameter.Number("limit", "How many.", 1, Overview.MaxListed, ListedUnlessAsked),
            ],
            Problems = [400],
        },
    ];

    /// <summary>The totals now.</summary>
    public async Task<GatewayStatus> NowAsync()
    {
        var facts = parts.Facts();
        var (readiness, suspended) = (parts.Readiness(), parts.Suspensions.Report);
        var gauges = await parts.Delivery.AskAsync(static s => s.Overview.Gauges()).ConfigureAwait(false);
        return new GatewayStatus
        {
            HostName = facts.HostName,
            Version = facts.Version,
            Now = parts.Time.GetUtcNow(),
            Started = facts.Started,
            System = SystemStatus.Of(readiness, suspended),
            Suspended = suspended,
            SpoolOpen = readiness.SpoolOpen,
            ListenersBound = readiness.ListenersBound,
            HasRoom = readiness.HasRoom,
            QueueRead = parts.Delivery.Recovered.IsCompletedSuccessfully,
            Counters = Enum.GetValues<MailCounter>().ToDictionary(c => c, c => parts.Counters[c]),
            Rates = [.. MailRates.Counters.Select(parts.Rates.Of)],
            ConnectionsIn = facts.ConnectionsIn,
            DiskFree = facts.DiskFree,
            Delivery = gauges,
        };
    }

    private async Task<IResult> StatusAsync(HttpContext context) =>
        ApiRequest.Json(await NowAsync().ConfigureAwait(false));

    private IResult Series(HttpContext context) => (context.Request.Query["span"].FirstOrDefault() ?? Hour) switch
    {
        Hour => ApiRequest.Json(new SeriesAnswer(60, parts.Series.LastMinutes(60))),
        Day => ApiRequest.Json(new SeriesAnswer(900, parts.Series.LastMinutes(FigureSeries.Kept, 15))),
        _ => ApiRequest.Problem(400, $"span is {Hour} or {Day}."),
    };

    private async Task<IResult> FlowAsync(HttpContext context) =>
        ApiRequest.TryNumber(context, "limit", 1, FlowReporting.MaxRoutes, FlowLook.MaxRoutes, out var limit)
            ? ApiRequest.Json(await parts.Delivery.FlowAsync(limit).ConfigureAwait(false))
            : ApiRequest.Problem(400, $"limit is 1 to {FlowReporting.MaxRoutes}.");

    private async Task<IResult> DestinationsAsync(HttpContext context)
    {
        var sort = context.Request.Query["sort"].FirstOrDefault() ?? "active";
        if (!orders.TryGetValue(sort, out var order)
            || !ApiRequest.TryNumber(context, "limit", 1, Overview.MaxListed, ListedUnlessAsked, out var limit))
        {
            return ApiRequest.Problem(400,
                $"sort is one of {string.Join(", ", orders.Keys)}; limit is 1 to {Overview.MaxListed}.");
        }
        var after = context.Request.Query["after"].FirstOrDefault() ?? "";
        // What they are otherwise ordered by changes from page to page.
        if (after.Length > 0 && order != DestinationOrder.Domain)
            return ApiRequest.Problem(400, $"after goes with sort={ByDomain}.");
        var query = new DestinationQuery
        {
            Part = context.Request.Query["search"].FirstOrDefault() ?? "",
            Order = order,
            IsDescending = order != DestinationOrder.Domain,
            After = after,
            Take = limit,
        };
        var found = await new DestinationAccess(parts.Delivery).ListAsync(query).ConfigureAwait(false);
        var isFull = order == DestinationOrder.Domain && found.Destinations.Count == limit;
        return ApiRequest.Json(new DestinationsAnswer(
            found.Destinations, found.Count, isFull ? found.Destinations[^1].Domain : null));
    }
}
