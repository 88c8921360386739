using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using Postern.Delivery;
using Postern.Mail;

namespace Postern.Admin;

/// <summary>What an operator does with mail in the queue, over the API; see docs/design/api.md.</summary>
internal sealed class QueueOperations(AdminParts parts)
{
    private const string Wanted = "Give host, sender or mid, all of which must match, or all=true alone.";

    private static readonly IReadOnlyList<ApiParameter> selection =
    [
        Text("host", "A receiving domain, or an address literal in brackets.", "example.com"),
        Text("sender", "A reverse-path; empty: the null reverse-path.", "alice@example.org"),
        Text("mid", "A MID, as the mail log shows it.", "6"),
        new("all", "True: all mail, and none of the others is given.",
            new OpenApiSchema { Type = JsonSchemaType.Boolean, Default = false }),
    ];

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Post, "/api/v1/queue/deliver", "deliverNow",
            "Tries held mail at once, and probes hosts that are left out for it.", typeof(DeliverAnswer),
            DeliverAsync) { Parameters = selection, Problems = [400] },
    ];

    private async Task<IResult> DeliverAsync(HttpContext context)
    {
        if (SelectionOf(context.Request.Query) is not { } selected) return ApiRequest.Problem(400, Wanted);
        var recipients = await parts.Delivery.DeliverNowAsync(selected).ConfigureAwait(false);
        return ApiRequest.Json(new DeliverAnswer(recipients));
    }

    // Nothing given is no selection: it must not mean everything by accident.
    private static MailSelection? SelectionOf(IQueryCollection query)
    {
        var isNarrow = query.ContainsKey("host") || query.ContainsKey("sender") || query.ContainsKey("mid");
        if (query.TryGetValue("all", out var all) && (all != "true" || isNarrow)) return null;
        if (all != "true" && !isNarrow) return null;
        var selected = new MailSelection();
        if (query.TryGetValue("host", out var host))
        {
            if (ApiRequest.MailboxOf(host.ToString().StartsWith('[') ? $"postmaster@{host}" : host.ToString())
                is not { } mailbox) return null;
            selected = selected with { ReceivingDomain = mailbox.ReceivingDomain };
        }
        if (query.TryGetValue("sender", out var sender)) selected = selected with { Sender = sender.ToString() };
        if (!query.TryGetValue("mid", out var text)) return selected;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var mid)
            ? selected with { Mid = new Mid(mid) } : null;
    }

    private static ApiParameter Text(string name, string description, string example) =>
        new(name, description, new OpenApiSchema { Type = JsonSchemaType.String }) { Example = example };
}
