using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using Postern.Reporting;

namespace Postern.Admin;

/// <summary>What happens as it happens, as server-sent events; see docs/design/api.md.</summary>
internal sealed class EventApi(AdminParts parts, Func<Task<GatewayStatus>> status)
{
    private const string Log = "log", Status = "status";

    private static readonly string[] topics = [Log, Status];

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, "/api/v1/events", "streamEvents",
            "The lines of the mail log and the totals of the gateway as they happen, as server-sent events.",
            typeof(string), context => Task.FromResult(Open(context)))
        {
            Parameters =
            [
                new("topic", "What is sent: log, status; both unless told.", new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Items = new OpenApiSchema
                    {
                        Type = JsonSchemaType.String,
                        Enum = [.. topics.Select(topic => (System.Text.Json.Nodes.JsonNode)topic)],
                    },
                }),
                .. LogLineRequest.Parameters,
            ],
            MediaType = EventStream.Type,
            Problems = [400],
        },
    ];

    private IResult Open(HttpContext context)
    {
        string[] wanted = [.. context.Request.Query["topic"].OfType<string>()];
        if (wanted.Except(topics).Any()) return ApiRequest.Problem(400, $"topic is {string.Join(" or ", topics)}.");
        if (!LogLineRequest.TryRead(context, out var filter, out var problem)) return problem;
        LogTap? tap = null;
        if (wanted.Length == 0 || wanted.Contains(Log))
        {
            tap = parts.Watch(filter);
            if (tap is null)
                return ApiRequest.Problem(503, $"{MailLog.MaxTaps} readers follow the mail log already.");
        }
        return new EventStream(tap, wanted.Length == 0 || wanted.Contains(Status) ? status : null, parts.Time);
    }
}
