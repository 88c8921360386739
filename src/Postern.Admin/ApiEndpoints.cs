using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Postern.Delivery.Deciding;
using Postern.Delivery.Reports;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Admin;

/// <summary>The HTTP API under <c>/api/v1</c>; see docs/design/api.md. Errors are problem details (RFC 9457).</summary>
internal sealed class ApiEndpoints(AdminParts parts)
{
    private const int MaxPage = 1000;
    private const int MaxAddresses = 100;
    private const int QueuesAtOnce = 500;

    /// <summary>Octets of a routes file to preview: a million routes.</summary>
    private const long MaxRoutes = 100_000_000;

    public static void Map(IEndpointRouteBuilder routes, AdminParts parts)
    {
        var api = new ApiEndpoints(parts);
        void Get(string path, Func<HttpContext, Task<IResult>> answer) => routes.MapGet(path, Guarded(answer));
        void Post(string path, Func<HttpContext, Task<IResult>> answer) => routes.MapPost(path, Guarded(answer));
        Get("/api/v1/hosts", api.HostsAsync);
        Get("/api/v1/hosts/{host}", api.HostAsync);
        Post("/api/v1/hosts/{host}/drain", context => api.DrainAsync(context, parts.Delivery.Drain));
        Post("/api/v1/hosts/{host}/undrain", context => api.DrainAsync(context, parts.Delivery.Undrain));
        Get("/api/v1/routes/test", api.TestAsync);
        Post("/api/v1/routes/preview", api.PreviewAsync);
        Post("/api/v1/routes/reload", api.ReloadAsync);
        Get("/api/v1/messages/{mid}", api.MessageAsync);
        Post("/api/v1/dns/flush", api.FlushAsync);
    }

    private static RequestDelegate Guarded(Func<HttpContext, Task<IResult>> answer) => async context =>
    {
        IResult result;
        try
        {
            result = await answer(context).ConfigureAwait(false);
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            result = Problem(StatusCodes.Status503ServiceUnavailable, e.Message);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            result = Problem(StatusCodes.Status503ServiceUnavailable, "The gateway stops.");
        }
        context.Response.Headers.CacheControl = "no-store";
        await result.ExecuteAsync(context).ConfigureAwait(false);
    };

    private async Task<IResult> HostsAsync(HttpContext context)
    {
        if (!TryNumber(context, "after", 0, int.MaxValue, 0, out var after)
            || !TryNumber(context, "limit", 1, MaxPage, 100, out var limit))
            return Problem(StatusCodes.Status400BadRequest, $"after is a number, limit is 1 to {MaxPage}.");
        var hosts = await parts.Delivery.AskAsync(s => s.Explainer.Hosts(after, limit)).ConfigureAwait(false);
        return Json(new HostsPage(hosts, hosts.Count == limit ? hosts[^1].Id : null));
    }

    private async Task<IResult> HostAsync(HttpContext context)
    {
        if (!TryHost(context, out var selector, out var problem)) return problem;
        var hosts = await ReportsAsync(selector).ConfigureAwait(false);
        return hosts.Count > 0 ? Json(new HostsPage(hosts, null))
            : Problem(StatusCodes.Status404NotFound, $"No mail was led to {selector} since the start.");
    }

    private async Task<IResult> DrainAsync(HttpContext context, Func<HostSelector, bool> change)
    {
        if (!TryHost(context, out var selector, out var problem)) return problem;
        var changed = change(selector);
        return Json(new DrainAnswer(selector.ToString(), changed, await ReportsAsync(selector).ConfigureAwait(false)));
    }

    private async Task<IResult> TestAsync(HttpContext context)
    {
        var addresses = context.Request.Query["address"];
        if (addresses.Count is 0 or > MaxAddresses)
            return Problem(StatusCodes.Status400BadRequest, $"Give 1 to {MaxAddresses} addresses: ?address=bob@…");
        var reports = new List<AddressReport>();
        foreach (var address in addresses)
        {
            if (MailboxOf(address ?? "") is not { } mailbox)
                return Problem(StatusCodes.Status400BadRequest, $"'{address}' is neither an address nor a domain.");
            var report = await parts.Delivery.ExplainAsync(mailbox, context.RequestAborted).ConfigureAwait(false);
            reports.Add(report with { Address = address! });
        }
        return Json(reports);
    }

    private async Task<IResult> MessageAsync(HttpContext context)
    {
        var text = context.GetRouteValue("mid") as string;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var mid))
            return Problem(StatusCodes.Status400BadRequest, $"'{text}' is no MID.");
        var report = await parts.Delivery.AskAsync(s => s.Explainer.Explain(new Mid(mid))).ConfigureAwait(false);
        return report is not null ? Json(report)
            : Problem(StatusCodes.Status404NotFound, $"MID {mid} is not in the queue.");
    }

    private async Task<IResult> FlushAsync(HttpContext context)
    {
        parts.FlushDns();
        var flushed = await parts.Delivery.AskAsync(static s => s.ForgetDns()).ConfigureAwait(false);
        return Json(new { flushed });
    }

    private async Task<IResult> PreviewAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = MaxRoutes;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        var load = SmtpRoutesFile.Parse(body.GetBuffer().AsSpan(0, (int)body.Length), parts.Profiles());
        if (!load.IsValid)
        {
            var errors = load.Errors.Select(e => new PreviewError(e.Line, e.Column, e.Message, e.Remedy));
            return Json(new PreviewAnswer([.. errors], [], [], [], 0));
        }
        var difference = parts.Routes().Compare(load.Table);
        return Json(new PreviewAnswer([], [.. difference.Added.Select(r => r.Key)],
            [.. difference.Removed.Select(r => r.Key)], [.. difference.Altered.Select(a => a.After.Key)],
            await CountElsewhereAsync(load.Table).ConfigureAwait(false)));
    }

    // The end of the request ends only the wait for it: half-taken routes there are none.
    private async Task<IResult> ReloadAsync(HttpContext context)
    {
        await parts.TakeRoutes(CancellationToken.None).WaitAsync(context.RequestAborted).ConfigureAwait(false);
        return Json(new RoutesTaken(parts.Routes().Count));
    }

    // In pages, so that mail goes on between them.
    private async Task<int> CountElsewhereAsync(SmtpRouteTable table)
    {
        var count = 0;
        var names = await parts.Delivery.AskAsync(s => s.Explainer.QueueNames()).ConfigureAwait(false);
        foreach (var page in names.Chunk(QueuesAtOnce))
        {
            count += await parts.Delivery.AskAsync(s => s.Explainer.CountElsewhere(page, table))
                .ConfigureAwait(false);
        }
        return count;
    }

    private Task<IReadOnlyList<HostReport>> ReportsAsync(HostSelector selector) =>
        parts.Delivery.AskAsync(s => s.Explainer.Hosts(selector, MaxPage));

    private static Mailbox? MailboxOf(string address)
    {
        if (Mailbox.TryParse(Encoding.UTF8.GetBytes(address), smtpUtf8: true, out var mailbox)
            && !mailbox.IsBarePostmaster) return mailbox;
        // A domain alone: the way of its postmaster is the way of all its mail.
        return Domain.TryParse(address, out var domain) ? Mailbox.Parse($"postmaster@{domain.Name}") : null;
    }

    private static bool TryHost(HttpContext context, out HostSelector selector, out IResult problem)
    {
        var text = context.GetRouteValue("host") as string ?? "";
        var isHost = HostSelector.TryParse(text, out var parsed);
        selector = parsed!;
        problem = isHost ? Results.Empty : Problem(StatusCodes.Status400BadRequest,
            $"'{text}' is no host: write 10.0.0.1:25, [2001:db8::1]:25, or a name; all ports without one.");
        return isHost;
    }

    private static bool TryNumber(HttpContext context, string name, int least, int most, int unset, out int number)
    {
        number = unset;
        string? text = context.Request.Query[name];
        return text is null || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number >= least && number <= most);
    }

    private static IResult Json<T>(T body) => Results.Json(body, ApiJson.Options);

    private static IResult Problem(int status, string detail) => Results.Problem(statusCode: status, detail: detail);
}
