using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;
using Postern.Reporting;
using Postern.Reporting.Searching;

namespace Postern.Admin;

/// <summary>What the mail log has told, over the API; see docs/design/api.md.</summary>
internal sealed class LogOperations(AdminParts parts)
{
    private const int MaxPage = 1000;

    // RFC 3339.
    private static readonly string[] timeForms =
    [
        "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'",
    ];

    private static readonly ApiParameter after = ApiParameter.Text(
        "after", "The 'next' of the page before, or the 'at' of a message.", "20140702091507x89abcdef01234567-1024");

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, "/api/v1/log/messages", "findMessages",
            "Messages that the mail log tells of, also those that are no longer in the queue, in pages.",
            typeof(LogMatches), FindAsync)
        {
            Parameters =
            [
                ApiParameter.Text("mid", "This message.", "6"),
                ApiParameter.Text("icid", "Came on this connection; 0: made by the gateway itself.", "5"),
                ApiParameter.Text("dcid", "Offered on this connection.", "300"),
                ApiParameter.Text("sender", "A part of the reverse-path; <> for bounces.", "alice@"),
                ApiParameter.Text("recipient", "A part of a forward-path, also of one that was refused.", "bob@"),
                ApiParameter.Text("subject", "A part of the Subject.", "hello"),
                ApiParameter.Text("host", "The host that it came from or was offered to, by address, address and port, "
                    + "or a client's name; or a receiving domain.", "10.0.0.1:25"),
                Time("since", "Began at this time or later.", "2014-07-02T00:00:00Z"),
                Time("until", "Began before this time.", "2014-07-05T09:15:07+02:00"),
                after,
                ApiParameter.Number("limit", "Messages in the page.", 1, MaxPage, 100),
            ],
            Problems = [400],
        },
        new(HttpMethod.Get, "/api/v1/log/messages/{mid}", "tellMessage",
            "The lines of the mail log that tell of a message, its connections and reports on it, in pages.",
            typeof(LogStory), TellAsync)
        {
            Parameters =
            [
                ApiParameter.InPath("mid", "The MID, as the mail log shows it.", "6"),
                after,
                ApiParameter.Number("limit", "Lines in the page, about.", 1, MaxPage, 1000),
            ],
            Problems = [400],
        },
        new(HttpMethod.Get, "/api/v1/log/lines", "lastLines", "The last lines of the mail log that fit.",
            typeof(LogLines), LastAsync)
        {
            Parameters = [.. LogLineRequest.Parameters, ApiParameter.Number("limit", "Lines.", 1, MaxPage, 100)],
            Problems = [400],
        },
        Connection("incoming", "icid", "5", static id => new LogLineFilter { Icid = id }),
        Connection("outgoing", "dcid", "300", static id => new LogLineFilter { Dcid = id }),
    ];

    private async Task<IResult> FindAsync(HttpContext context)
    {
        if (!TryRead(context, out var query, out var problem)) return problem;
        if (!ApiRequest.TryNumber(context, "limit", 1, MaxPage, 100, out var limit))
            return ApiRequest.Problem(400, $"limit is 1 to {MaxPage}.");
        var page = await parts.Log.FindAsync(query, After(context), limit, context.RequestAborted)
            .ConfigureAwait(false);
        return page is null ? NoCursor(context) : ApiRequest.Json(page);
    }

    private async Task<IResult> TellAsync(HttpContext context)
    {
        var text = context.GetRouteValue("mid") as string;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var mid))
            return ApiRequest.Problem(400, $"'{text}' is no MID.");
        if (!ApiRequest.TryNumber(context, "limit", 1, MaxPage, MaxPage, out var limit))
            return ApiRequest.Problem(400, $"limit is 1 to {MaxPage}.");
        var page = await parts.Log.TellAsync(mid, After(context), limit, context.RequestAborted)
            .ConfigureAwait(false);
        return page is null ? NoCursor(context) : ApiRequest.Json(page);
    }

    private async Task<IResult> LastAsync(HttpContext context)
    {
        if (!LogLineRequest.TryRead(context, out var filter, out var problem)) return problem;
        if (!ApiRequest.TryNumber(context, "limit", 1, MaxPage, 100, out var limit))
            return ApiRequest.Problem(400, $"limit is 1 to {MaxPage}.");
        var lines = await parts.Log.LastAsync(filter, limit, context.RequestAborted).ConfigureAwait(false);
        return ApiRequest.Json(new LogLines(lines, true));
    }

    private ApiOperation Connection(string way, string id, string example, Func<long, LogLineFilter> filter) => new(
        HttpMethod.Get, $"/api/v1/log/{way}/{{{id}}}", $"tell{char.ToUpperInvariant(way[0])}{way[1..]}",
        $"The lines of the mail log that name an {way} connection; at most {MaxPage}.", typeof(LogLines),
        async context =>
        {
            var text = context.GetRouteValue(id) as string;
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
                return ApiRequest.Problem(400, $"'{text}' is no {id.ToUpperInvariant()}.");
            return ApiRequest.Json(await parts.Log.ConnectionAsync(filter(number), MaxPage, context.RequestAborted)
                .ConfigureAwait(false));
        })
    {
        Parameters = [ApiParameter.InPath(id, "The connection, as the mail log shows it.", example)],
        Problems = [400],
    };

    private static bool TryRead(HttpContext context, out LogQuery query, [NotNullWhen(false)] out IResult? problem)
    {
        query = new LogQuery();
        problem = null;
        foreach (var name in (string[])["mid", "icid", "dcid"])
            if (!ApiRequest.TryLong(context, name, out _)) problem = ApiRequest.Problem(400, $"{name} is a number.");
        foreach (var name in (string[])["since", "until"])
        {
            if (Value(context, name) is { } text && TimeOf(text) is null)
                problem = ApiRequest.Problem(400, $"{name} is a time with its offset: 2014-07-02T09:15:07+02:00.");
        }
        if (problem is not null) return false;
        query = new LogQuery
        {
            Mid = Id(context, "mid"),
            Icid = Id(context, "icid"),
            Dcid = Id(context, "dcid"),
            Sender = Text(context, "sender"),
            Recipient = Text(context, "recipient"),
            Subject = Text(context, "subject"),
            Host = Value(context, "host") is { } host ? new LogHost(host) : null,
            Since = Value(context, "since") is { } since ? TimeOf(since) : null,
            Until = Value(context, "until") is { } until ? TimeOf(until) : null,
        };
        return true;
    }

    private static string? Value(HttpContext context, string name) =>
        context.Request.Query[name] is [.., { Length: > 0 } last] ? last : null;

    private static long? Id(HttpContext context, string name) =>
        Value(context, name) is not null && ApiRequest.TryLong(context, name, out var id) ? id : null;

    private static LogText? Text(HttpContext context, string name) =>
        Value(context, name) is { } text ? new LogText(text) : null;

    private static DateTimeOffset? TimeOf(string text) => DateTimeOffset.TryParseExact(
        text, timeForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    private static string After(HttpContext context) => Value(context, "after") ?? "";

    private static IResult NoCursor(HttpContext context) => ApiRequest.Problem(
        400, $"'{After(context)}' is no place in the mail log: give the 'next' of a page or the 'at' of a message.");

    private static ApiParameter Time(string name, string description, string example) =>
        new(name, description, new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" })
        {
            Example = example,
        };
}
