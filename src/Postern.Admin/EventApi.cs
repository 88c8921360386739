using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Postern.Admin.Access;
using Postern.Reporting;

namespace Postern.Admin;

/// <summary>What happens as it happens, as server-sent events; see docs/design/api.md.</summary>
internal sealed class EventApi(AdminParts parts, Func<Task<GatewayStatus>> status)
{
    /// <summary>Streams of a caller at a time, so that one cannot keep all others out.</summary>
    public const int MaxOfCaller = 10;

    // When one of them ends is not known; so many seconds are no burden.
    private const string RetryAfter = "5";

    private const string Log = "log", Status = "status";

    private static readonly string[] topics = [Log, Status];

    /// <summary>Where it is.</summary>
    public const string Path = "/api/v1/events";

    private readonly CallerTurns turns = new(MaxOfCaller);

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, Path, "streamEvents",
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
            Problems = [400, 429],
        },
    ];

    private IResult Open(HttpContext context)
    {
        string[] wanted = [.. context.Request.Query["topic"].OfType<string>()];
        if (wanted.Except(topics).Any()) return ApiRequest.Problem(400, $"topic is {string.Join(" or ", topics)}.");
        if (!LogLineRequest.TryRead(context, out var filter, out var problem)) return problem;
        var turn = turns.TryTake(Caller.KeyOf(context.User));
        if (turn is null)
        {
            context.Response.Headers.RetryAfter = RetryAfter;
            return ApiRequest.Problem(StatusCodes.Status429TooManyRequests,
                $"{MaxOfCaller} streams of this account or token are open already.");
        }
        LogTap? tap = null;
        if (wanted.Length == 0 || wanted.Contains(Log))
        {
            tap = parts.Watch(filter);
            if (tap is null)
            {
                turn.Dispose();
                return ApiRequest.Problem(503, $"{MailLog.MaxTaps} readers follow the mail log already.");
            }
        }
        var sessions = context.RequestServices.GetRequiredService<Sessions>();
        return new EventStream(tap, turn, () => IsLetIn(context.User, sessions),
            wanted.Length == 0 || wanted.Contains(Status) ? status : null, parts.Time);
    }

    // Whoever has logged out, or whose token was revoked, is told nothing more.
    private bool IsLetIn(ClaimsPrincipal user, Sessions sessions)
    {
        if (Caller.SessionOf(user) is { } session) return sessions.IsOpen(session);
        if (Caller.TokenOf(user) is not { } id) return true;
        try
        {
            return parts.Tokens.IsGood(id);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
