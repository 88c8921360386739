using Microsoft.AspNetCore.Http;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;
using Postern.Delivery.Acting;
using Postern.Delivery.Reports;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Admin;

/// <summary>Lists and changes mail that waits over the API; see docs/design/api.md.</summary>
internal sealed class QueueApi(AdminParts parts)
{
    private const int MaxPage = 1000;

    private static readonly ApiParameter all = ApiParameter.Flag(
        "all", "true: everything is meant. What restricts nothing changes nothing unless it is given.", "true");

    private readonly QueueAccess queue = new(parts.Delivery);

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, "/api/v1/queue", "listQueue", "Mail in the queue, oldest first, in pages.",
            typeof(QueueListing), ListAsync)
        {
            Parameters =
            [
                .. QueueRequest.Parameters, all,
                ApiParameter.Mid("after", "The 'next' of the page before."),
                ApiParameter.Number("limit", "Rows in the page; it ends with a whole message.", 1, MaxPage, 100),
            ],
            Problems = [400],
        },
        new(HttpMethod.Get, "/api/v1/queue/count", "countQueue", "How much of the queue is meant.",
            typeof(OperationReport), CountAsync)
        {
            Parameters = [.. QueueRequest.Parameters, all],
            Problems = [400],
            TellsProgress = true,
        },
        Change("delete", QueueChange.Delete, "Deletes recipients, without a bounce."),
        Change("bounce", QueueChange.Bounce, "Bounces recipients with 5.0.0, as their bounce profile says."),
        Change("deliver", QueueChange.Deliver,
            "Tries recipients at once, and hosts of theirs that are left out, too."),
        new(HttpMethod.Post, "/api/v1/queue/redirect", "redirectRecipients",
            "Sends recipients to other hosts than their route says.", typeof(OperationReport), RedirectAsync)
        {
            Parameters =
            [
                .. QueueRequest.Parameters, all,
                ApiParameter.Text("to", "Destination hosts, as they stand in a route; auth= is for administrators.",
                    "relay.example:587")
                    with { IsRequired = true },
            ],
            Problems = [400],
            TellsProgress = true,
        },
    ];

    private ApiOperation Change(string verb, QueueChange change, string summary) =>
        new(HttpMethod.Post, $"/api/v1/queue/{verb}", change.Name, summary, typeof(OperationReport),
            context => OperateAsync(context, change))
        {
            Parameters = [.. QueueRequest.Parameters, all],
            Problems = [400],
            TellsProgress = true,
        };

    private async Task<IResult> ListAsync(HttpContext context)
    {
        if (!QueueRequest.TryRead(context, parts.Time.GetUtcNow(), out var selection, out var problem)) return problem;
        if (!ApiRequest.TryLong(context, "after", out var after))
            return ApiRequest.Problem(400, "after is a MID: a number from 0.");
        if (!ApiRequest.TryNumber(context, "limit", 1, MaxPage, 100, out var limit))
            return ApiRequest.Problem(400, $"limit is 1 to {MaxPage}.");
        return ApiRequest.Json(
            await queue.ListAsync(selection, new Mid(after), limit, context.RequestAborted).ConfigureAwait(false));
    }

    private async Task<IResult> CountAsync(HttpContext context) =>
        QueueRequest.TryRead(context, parts.Time.GetUtcNow(), out var selection, out var problem)
            ? await new QueueWork(context, parts.Time)
                .RunAsync((told, end) => queue.CountAsync(selection, told, end)).ConfigureAwait(false)
            : problem;

    private async Task<IResult> OperateAsync(HttpContext context, QueueChange change)
    {
        if (!context.User.May(change.Least))
            return ApiRequest.Problem(403, $"auth= in a redirect is for the role {change.Least.Word()}.");
        if (!QueueRequest.TryRead(context, parts.Time.GetUtcNow(), out var selection, out var problem)) return problem;
        if (!ApiRequest.TryFlag(context, "all", out var isAll, out problem)) return problem;
        if (selection.IsAll && isAll != true)
            return ApiRequest.Problem(400, "Say what is meant: host, sender, mid or another filter, or all=true.");
        return await new QueueWork(context, parts.Time).RunAsync((told, end) =>
            change.DoAsync(queue, selection, AuditNote.Of(context), told, end)).ConfigureAwait(false);
    }

    private Task<IResult> RedirectAsync(HttpContext context)
    {
        var to = context.Request.Query["to"].FirstOrDefault() ?? "";
        return RedirectRoute.Read(to, parts.Profiles(), out var error) is { } target
            ? OperateAsync(context, QueueChange.Redirect(target))
            : Task.FromResult(ApiRequest.Problem(400, $"to: {error!.Message}; {error.Remedy}."));
    }
}
