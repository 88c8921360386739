using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Admin;

/// <summary>Reads which mail of the queue a request means.</summary>
internal static class QueueRequest
{
    private static readonly string[] reasons = ["mail", "host", "uncertain"];

    /// <summary>What selects mail.</summary>
    public static IReadOnlyList<ApiParameter> Parameters { get; } =
    [
        ApiParameter.Text("host", "The receiving domain, or an address in brackets.", "example.com"),
        ApiParameter.Text("sender", "The reverse-path; <> for bounces.", "alice@src.example"),
        ApiParameter.Text("mid", "A message.", "6"),
        ApiParameter.Text("recipient", "A part of a forward-path.", "bob@"),
        ApiParameter.Text("older", "Accepted longer ago than this.", "4h"),
        ApiParameter.Text("larger", "At least so large.", "1MB"),
        ApiParameter.Number("attempts", "At least so many rounds without a result.", 0, int.MaxValue, 0),
        new("reason", "Held, and why.", new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Enum = [.. reasons.Select(r => (System.Text.Json.Nodes.JsonNode)r)],
        }),
    ];

    /// <summary>Mail is selected at all: an operation on everything has to say <c>all=true</c>.</summary>
    public static bool SelectsAny(HttpContext context) =>
        Parameters.Any(p => context.Request.Query.ContainsKey(p.Name));

    /// <summary>Reads the selection; what is not given does not matter.</summary>
    public static bool TryRead(
        HttpContext context, DateTimeOffset now, out QueueSelection selection,
        [NotNullWhen(false)] out IResult? problem)
    {
        var query = context.Request.Query;
        selection = new QueueSelection();
        problem = null;
        string? Value(string name) => query[name] is [.., var last] ? last : null;
        if (Value("host") is { } host)
        {
            if (ApiRequest.ReceivingDomainOf(host) is not { } domain)
                return Refuse($"'{host}' is no receiving domain.", out problem);
            selection = selection with { Host = domain };
        }
        if (Value("mid") is { } mid)
        {
            if (!long.TryParse(mid, System.Globalization.NumberStyles.None, null, out var number))
                return Refuse($"'{mid}' is no MID.", out problem);
            selection = selection with { Mid = new Mid(number) };
        }
        if (Value("older") is { } older)
        {
            if (!Amounts.TryParseDuration(older, out var age) || age > now - DateTimeOffset.UnixEpoch)
                return Refuse($"'{older}' is no duration: write 90s, 15m or 4h.", out problem);
            selection = selection with { AcceptedBefore = now - age };
        }
        if (Value("larger") is { } larger)
        {
            if (!Amounts.TryParseSize(larger, out var octets))
                return Refuse($"'{larger}' is no size: write 500KB or 10MB.", out problem);
            selection = selection with { MinSize = octets };
        }
        if (!ApiRequest.TryNumber(context, "attempts", 0, int.MaxValue, 0, out var rounds))
            return Refuse("attempts is a number from 0.", out problem);
        if (Value("reason") is { } reason)
        {
            if (!reasons.Contains(reason)) return Refuse($"reason is {string.Join(", ", reasons)}.", out problem);
            selection = selection with { Reason = Enum.Parse<WaitReason>(reason, ignoreCase: true) };
        }
        selection = selection with
        {
            Sender = Value("sender")?.Trim('<', '>'),
            Recipient = Value("recipient"),
            MinRounds = rounds,
        };
        return true;
    }

    private static bool Refuse(string detail, out IResult problem)
    {
        problem = ApiRequest.Problem(400, detail);
        return false;
    }
}
