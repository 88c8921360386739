using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Postern.Admin.Auditing;

namespace Postern.Admin;

/// <summary>Suspends and resumes delivery and listeners over the API; see docs/design/api.md.</summary>
internal sealed class SuspensionOperations(AdminParts parts)
{
    private static readonly ApiParameter host = ApiParameter.Text(
        "host", "A receiving domain, or an address in brackets; all mail without it.", "example.com");

    private static readonly ApiParameter listener = ApiParameter.Text(
        "name", "The name of a listener; all of them without it.", "incoming");

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, "/api/v1/suspensions", "showSuspensions", "What is suspended.", typeof(SuspensionReport),
            _ => Task.FromResult(ApiRequest.Json(parts.Suspensions.Report))),
        new(HttpMethod.Post, "/api/v1/delivery/suspend", "suspendDelivery",
            "Holds mail for a receiving domain, or all mail, over restarts too; what is under way ends.",
            typeof(SuspensionReport), context => DeliveryAsync(context, suspend: true))
        {
            Parameters = [host],
            Problems = [400],
        },
        new(HttpMethod.Post, "/api/v1/delivery/resume", "resumeDelivery", "Lets that mail go on.",
            typeof(SuspensionReport), context => DeliveryAsync(context, suspend: false))
        {
            Parameters = [host],
            Problems = [400],
        },
        new(HttpMethod.Post, "/api/v1/listeners/suspend", "suspendListener",
            "Closes the address of a listener, or of all, over restarts too; its connections go on.",
            typeof(SuspensionReport), context => ListenerAsync(context, suspend: true))
        {
            Parameters = [listener],
            Problems = [404],
        },
        new(HttpMethod.Post, "/api/v1/listeners/resume", "resumeListener", "Binds it again.",
            typeof(SuspensionReport), context => ListenerAsync(context, suspend: false))
        {
            Parameters = [listener],
            Problems = [404],
        },
    ];

    private async Task<IResult> DeliveryAsync(HttpContext context, bool suspend)
    {
        string? text = context.Request.Query["host"];
        var domain = text is null ? null : ApiRequest.ReceivingDomainOf(text);
        return text is not null && domain is null
            ? ApiRequest.Problem(400, $"'{text}' is no receiving domain.")
            : Changed(context, parts.Suspensions.Report, await parts.Suspensions.SetDeliveryAsync(domain, suspend));
    }

    private async Task<IResult> ListenerAsync(HttpContext context, bool suspend)
    {
        string? name = context.Request.Query["name"];
        var before = parts.Suspensions.Report;
        return await parts.Suspensions.SetListenerAsync(name, suspend) is { } report
            ? Changed(context, before, report)
            : ApiRequest.Problem(404, $"There is no listener '{name}'.");
    }

    private static IResult Changed(HttpContext context, SuspensionReport before, SuspensionReport after)
    {
        var note = AuditNote.Of(context);
        (note.Before, note.After) = (TextOf(before), TextOf(after));
        return ApiRequest.Json(after);
    }

    /// <summary>As the audit log has it.</summary>
    public static string TextOf(SuspensionReport report) => JsonSerializer.Serialize(report, ApiJson.Options);
}
