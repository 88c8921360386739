using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;
using Postern.Admin.Monitoring;
using Postern.Delivery.Acting;
using Postern.Delivery.Deciding;
using Postern.Delivery.Reports;
using Postern.Mail;

namespace Postern.Admin;

/// <summary>Hosts, routes, messages and DNS over the API; see docs/design/api.md.</summary>
internal sealed class DeliveryOperations(AdminParts parts)
{
    private const int MaxPage = 1000;
    private const int MaxAddresses = 100;

    private static readonly ApiParameter host = ApiParameter.InPath("host",
        "Address and port, name and port, or either alone for all ports.", "10.0.0.1:25");

    private static readonly ApiParameter address = new("address", "A recipient or a domain; may be given 100 times.",
        new Microsoft.OpenApi.OpenApiSchema
        {
            Type = Microsoft.OpenApi.JsonSchemaType.Array,
            Items = new Microsoft.OpenApi.OpenApiSchema { Type = Microsoft.OpenApi.JsonSchemaType.String },
            MinItems = 1,
            MaxItems = MaxAddresses,
        })
    { IsRequired = true, Example = "bob@example.com" };

    private readonly QueueAccess queue = new(parts.Delivery);

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, "/api/v1/hosts", "listHosts",
            "The health of all hosts that mail was led to since the start, in pages.", typeof(HostsPage), HostsAsync)
        {
            Parameters =
            [
                ApiParameter.Number("after", "The 'next' of the page before.", 0, int.MaxValue, 0),
                ApiParameter.Number("limit", "Hosts in the page.", 1, MaxPage, 100),
            ],
            Problems = [400],
        },
        new(HttpMethod.Get, "/api/v1/hosts/{host}", "showHost",
            "The health of a host, of the addresses of a name, and the way of mail for a receiving domain.",
            typeof(HostStatus), HostAsync) { Parameters = [host], Problems = [400, 404] },
        new(HttpMethod.Get, "/api/v1/hosts/{host}/hour", "showHostHour",
            "The health of a host over the last hour, minute by minute.", typeof(HostHour),
            context => Task.FromResult(Hour(context))) { Parameters = [host], Problems = [400] },
        new(HttpMethod.Post, "/api/v1/hosts/{host}/drain", "drainHost",
            "Takes a host out by hand, over restarts too.", typeof(DrainAnswer),
            context => DrainAsync(context, parts.Delivery.Drain)) { Parameters = [host], Problems = [400] },
        new(HttpMethod.Post, "/api/v1/hosts/{host}/undrain", "undrainHost",
            "Puts a drained host back.", typeof(DrainAnswer),
            context => DrainAsync(context, parts.Delivery.Undrain)) { Parameters = [host], Problems = [400] },
        new(HttpMethod.Post, "/api/v1/hosts/{host}/retry", "retryHost",
            "Has a host that is left out probed at once, with mail that waits for it.", typeof(RetryAnswer),
            RetryAsync) { Parameters = [host], Problems = [400] },
        new(HttpMethod.Get, "/api/v1/routes/test", "testRoutes", "The way of mail to addresses, and why.",
            typeof(IReadOnlyList<AddressReport>), TestAsync) { Parameters = [address], Problems = [400] },
        new(HttpMethod.Post, "/api/v1/routes/reload", "reloadRoutes",
            "Reads the routes file, which was replaced whole, and answers when it is in force, or why it is not.",
            typeof(RoutesTaken), ReloadAsync)
        {
            Least = AccountRole.Administrator,
            // The file is read in any case, a moment later; whoever wrote it has an entry.
            IsAudited = false,
        },
        new(HttpMethod.Get, "/api/v1/messages/{mid}", "showMessage",
            "A message in the queue: its recipients, each attempt, and the next step.", typeof(MessageReport),
            MessageAsync)
        {
            Parameters = [ApiParameter.InPath("mid", "The MID, as the mail log shows it.", "6")],
            Problems = [400, 404],
        },
        new(HttpMethod.Post, "/api/v1/dns/flush", "flushDns", "Forgets the answers of DNS.", typeof(FlushAnswer),
            FlushAsync),
    ];

    private async Task<IResult> HostsAsync(HttpContext context)
    {
        if (!ApiRequest.TryNumber(context, "after", 0, int.MaxValue, 0, out var after))
            return ApiRequest.Problem(400, "after is a number from 0.");
        if (!ApiRequest.TryNumber(context, "limit", 1, MaxPage, 100, out var limit))
            return ApiRequest.Problem(400, $"limit is 1 to {MaxPage}.");
        var hosts = await parts.Delivery.AskAsync(s => s.Overview.Hosts(after, limit)).ConfigureAwait(false);
        return ApiRequest.Json(new HostsPage(hosts, hosts.Count == limit ? hosts[^1].Id : null));
    }

    private async Task<IResult> HostAsync(HttpContext context)
    {
        if (!ApiRequest.TryHost(context, out var selector, out var problem)) return problem;
        var status = await parts.Delivery.StatusOfAsync(selector, context.RequestAborted).ConfigureAwait(false);
        return status is not null ? ApiRequest.Json(status)
            : ApiRequest.Problem(404, $"No mail was led to {selector} since the start.");
    }

    private IResult Hour(HttpContext context)
    {
        if (!ApiRequest.TryHost(context, out var selector, out var problem)) return problem;
        return selector.Port is null ? ApiRequest.Problem(400, $"Name the port: {selector}:25.")
            : ApiRequest.Json(new HostHour($"{selector}", parts.Health.LastHour($"{selector}")));
    }

    private async Task<IResult> DrainAsync(HttpContext context, Func<HostSelector, bool> change)
    {
        if (!ApiRequest.TryHost(context, out var selector, out var problem)) return problem;
        var changed = change(selector);
        AuditNote.Of(context).After = changed ? null : "nothing was changed";
        var hosts = await parts.Delivery.AskAsync(s => s.Overview.Hosts(selector)).ConfigureAwait(false);
        return ApiRequest.Json(new DrainAnswer(selector.ToString(), changed, hosts));
    }

    private async Task<IResult> RetryAsync(HttpContext context)
    {
        if (!ApiRequest.TryHost(context, out var selector, out var problem)) return problem;
        var (retried, hosts) = await parts.Delivery.AskAsync(
            s => (s.Operations.Retry(selector), s.Overview.Hosts(selector))).ConfigureAwait(false);
        AuditNote.Of(context).After = retried > 0 ? null : "nothing was changed";
        return ApiRequest.Json(new RetryAnswer(selector.ToString(), retried, hosts));
    }

    private async Task<IResult> TestAsync(HttpContext context)
    {
        var addresses = context.Request.Query["address"];
        if (addresses.Count is 0 or > MaxAddresses)
            return ApiRequest.Problem(400, $"Give 1 to {MaxAddresses} addresses: ?address=bob@…");
        var reports = new List<AddressReport>();
        foreach (var text in addresses)
        {
            if (ApiRequest.MailboxOf(text ?? "") is not { } mailbox)
                return ApiRequest.Problem(400, $"'{text}' is neither an address nor a domain.");
            var report = await parts.Delivery.ExplainAsync(mailbox, context.RequestAborted).ConfigureAwait(false);
            reports.Add(report with { Address = text! });
        }
        return ApiRequest.Json(reports);
    }

    private async Task<IResult> MessageAsync(HttpContext context)
    {
        var text = context.GetRouteValue("mid") as string;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var mid))
            return ApiRequest.Problem(400, $"'{text}' is no MID.");
        var report = await queue.ShowAsync(new Mid(mid), context.RequestAborted).ConfigureAwait(false);
        return report is not null ? ApiRequest.Json(report)
            : ApiRequest.Problem(404, $"MID {mid} is not in the queue.");
    }

    private async Task<IResult> FlushAsync(HttpContext context)
    {
        parts.FlushDns();
        return ApiRequest.Json(new FlushAnswer(
            await parts.Delivery.AskAsync(static s => s.ForgetDns()).ConfigureAwait(false)));
    }

    // The end of the request ends only the wait for it: half-taken routes there are none.
    private async Task<IResult> ReloadAsync(HttpContext context)
    {
        var refusal = await parts.TakeRoutes(CancellationToken.None).WaitAsync(context.RequestAborted)
            .ConfigureAwait(false);
        return ApiRequest.Json(new RoutesTaken(parts.Routes().Count, refusal));
    }
}
