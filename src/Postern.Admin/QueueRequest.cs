using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Admin;

/// <summary>Reads which mail of the queue a request means.</summary>
internal static class QueueRequest
{
    /// <summary>Why mail is held, in the words of the parameter.</summary>
    public static IReadOnlyList<string> Reasons { get; } = ["mail", "host", "uncertain", "pace", "content"];

    /// <summary>What selects mail.</summary>
    public static IReadOnlyList<ApiParameter> Parameters { get; } =
    [
        ApiParameter.Text("host", "The receiving domain, or an address in brackets.", "example.com"),
        ApiParameter.Text("sender", "The reverse-path; <> for bounces.", "alice@src.example"),
        ApiParameter.Text("mid", "A message.", "6"),
        ApiParameter.Mid("upTo", "No message above this MID: what a count answered, so that no more is meant."),
        ApiParameter.Text("recipient", "A part of a forward-path.", "bob@"),
        ApiParameter.Text("older", "Accepted longer ago than this.", "4h"),
        ApiParameter.Text("larger", "At least so large.", "1MB"),
        ApiParameter.Number("attempts", "At least so many rounds without a result.", 0, int.MaxValue, 0),
        new("reason", "Held, and why.", new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Enum = [.. Reasons.Select(r => (System.Text.Json.Nodes.JsonNode)r)],
        }),
    ];

    /// <summary>Reads the selection; what is not given does not matter.</summary>
    public static bool TryRead(
        HttpContext context, DateTimeOffset now, out QueueSelection selection,
        [NotNullWhen(false)] out IResult? problem)
    {
        var query = context.Request.Query;
        var isRead = TryRead(
            name => query[name] is [.., var last] ? last : null, now, out selection, out var refusal);
        problem = isRead ? null : ApiRequest.Problem(400, refusal!);
        return isRead;
    }

    /// <summary>The same from wherever the values are; null: it is not given.</summary>
    /// <param name="value">The value of a parameter, by its name.</param>
    /// <param name="now">The present time, since ages are counted from it.</param>
    /// <param name="selection">What is meant.</param>
    /// <param name="refusal">Why it cannot be read, in a sentence for people.</param>
    public static bool TryRead(
        Func<string, string?> value, DateTimeOffset now, out QueueSelection selection,
        [NotNullWhen(false)] out Sentence? refusal)
    {
        selection = new QueueSelection();
        refusal = null;
        // A script whose variable is empty must not mean more than it was written for.
        if (Parameters.FirstOrDefault(p => value(p.Name) is "") is { } empty)
            return Refuse($"{empty.Name} is empty: leave it out, or say what is meant; sender=<> means bounces.",
                out refusal);
        if (value("host") is { } host)
        {
            if (ApiRequest.ReceivingDomainOf(host) is not { } domain)
                return Refuse($"'{host}' is no receiving domain.", out refusal);
            selection = selection with { Host = domain };
        }
        if (value("mid") is { } mid)
        {
            if (MidOf(mid) is not { } message) return Refuse($"'{mid}' is no MID.", out refusal);
            selection = selection with { Mid = message };
        }
        if (value("upTo") is { } upTo)
        {
            if (MidOf(upTo) is not { } end) return Refuse($"upTo: '{upTo}' is no MID.", out refusal);
            selection = selection with { UpTo = end };
        }
        if (value("older") is { } older)
        {
            if (!Amounts.TryParseDuration(older, out var age) || age > now - DateTimeOffset.UnixEpoch)
                return Refuse($"'{older}' is no duration: write 90s, 15m or 4h.", out refusal);
            if (age > TimeSpan.Zero) selection = selection with { AcceptedBefore = now - age };
        }
        if (value("larger") is { } larger)
        {
            if (!Amounts.TryParseSize(larger, out var octets))
                return Refuse($"'{larger}' is no size: write 500KB or 10MB.", out refusal);
            selection = selection with { MinSize = octets };
        }
        var rounds = 0;
        if (value("attempts") is { } attempts
            && !int.TryParse(attempts, NumberStyles.None, CultureInfo.InvariantCulture, out rounds))
            return Refuse($"attempts is a number from 0.", out refusal);
        if (value("reason") is { } reason)
        {
            if (!Reasons.Contains(reason)) return Refuse($"reason is {string.Join(", ", Reasons)}.", out refusal);
            selection = selection with { Reason = Enum.Parse<WaitReason>(reason, ignoreCase: true) };
        }
        selection = selection with
        {
            Sender = value("sender")?.Trim('<', '>'),
            Recipient = value("recipient"),
            MinRounds = rounds,
        };
        return true;
    }

    /// <summary>A message by its number; null: the text is none.</summary>
    public static Mid? MidOf(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new Mid(number) : null;

    private static bool Refuse(Sentence sentence, out Sentence refusal)
    {
        refusal = sentence;
        return false;
    }
}
