using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postern.Admin.Accounts;
using Postern.Routing;

namespace Postern.Admin;

/// <summary>The routes file as a whole over the API: out, in, and empty; see docs/design/api.md.</summary>
internal sealed class RouteFileApi(AdminParts parts, RouteApi routes, LargeBodies bodies)
{
    private const string Type = "text/plain; charset=utf-8";

    private static readonly ApiParameter merge = ApiParameter.Flag(
        "merge", "true: routes are added and altered, and none is deleted. Else the whole table is replaced.", "true");

    private static readonly ApiParameter empty = ApiParameter.Flag(
        "all", "true: a file without a route deletes every route. Without it such a file is refused.");

    private static readonly ApiParameter all = ApiParameter.Flag(
        "all", "true: every route is deleted. Without it nothing is.", "true") with
    { IsRequired = true };

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, "/api/v1/routes/file", "exportRoutes", "The routes file as it stands.", typeof(string),
            ExportAsync) { MediaType = "text/plain" },
        new(HttpMethod.Post, "/api/v1/routes/import", "importRoutes",
            "Replaces the routes file by another one, or merges its routes.", typeof(RouteEditAnswer), ImportAsync)
        {
            Parameters = [merge, empty],
            RequestBody = "A routes file, UTF-8, up to 100 MB.",
            MaxBody = LargeBodies.MaxLength,
            Least = AccountRole.Administrator,
            IsConditional = true,
            Problems = [400, 412, 413],
        },
        new(HttpMethod.Post, "/api/v1/routes/preview", "previewRoutes",
            "What a routes file would change in place of the present one, or merged into it, or its errors.",
            typeof(PreviewAnswer), context => bodies.ReadAsync(context, file => PreviewAsync(context, file)))
        {
            Parameters = [merge with { Example = null }],
            RequestBody = "A routes file, UTF-8, up to 100 MB.",
            MaxBody = LargeBodies.MaxLength,
            Problems = [400, 413],
            // It costs as much as an import.
            Least = AccountRole.Administrator,
            IsAudited = false,
        },
        new(HttpMethod.Get, "/api/v1/routes/history/{version}", "showRouteVersion",
            "The routes file as it was in a kept version.", typeof(string), ShowVersionAsync)
        {
            Parameters = [ApiParameter.InPath("version", "Its number.", "1")],
            MediaType = "text/plain",
            Problems = [400, 404],
        },
        new(HttpMethod.Post, "/api/v1/routes/clear", "clearRoutes", "Deletes all routes; comments stay.",
            typeof(RouteEditAnswer), ClearAsync)
        {
            Parameters = [all],
            Least = AccountRole.Administrator,
            IsConditional = true,
            Problems = [400, 412],
        },
    ];

    private Task<IResult> ExportAsync(HttpContext context)
    {
        var content = parts.Edits.Content;
        ApiRequest.Tag(context, SmtpRoutesFile.VersionOf(content.Span));
        return Task.FromResult(Results.Bytes(content, Type, "smtproutes"));
    }

    private Task<IResult> ShowVersionAsync(HttpContext context)
    {
        var text = context.GetRouteValue("version") as string;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return Task.FromResult(ApiRequest.Problem(400, $"'{text}' is no number of a version."));
        if (parts.Edits.ContentOf(number) is not { } content)
            return Task.FromResult(ApiRequest.Problem(404, $"There is no version {number}."));
        return Task.FromResult(Results.Bytes(content, Type, "smtproutes"));
    }

    private async Task<IResult> PreviewAsync(HttpContext context, ReadOnlyMemory<byte> file)
    {
        if (!ApiRequest.TryFlag(context, "merge", out var merge, out var problem)) return problem;
        var source = merge == true ? RoutesDocument.Read(file, out _) : null;
        if (source is null)
        {
            var load = SmtpRoutesFile.Parse(file.Span, parts.Profiles());
            return !load.IsValid ? Refused(load.Errors)
                : await PreviewAsync(parts.Routes().Compare(load.Table), load.Table).ConfigureAwait(false);
        }
        var plan = parts.Edits.Plan(document => document.Import(source, isMerge: true));
        return plan.Difference is { } difference
            ? await PreviewAsync(difference, plan.After!).ConfigureAwait(false) : Refused(plan.Errors);
    }

    private static IResult Refused(IReadOnlyList<RouteError> errors) => ApiRequest.Json(new PreviewAnswer(
        [.. errors.Select(e => new PreviewError(e.Line, e.Column, e.Message, e.Remedy))], [], [], [], 0));

    private async Task<IResult> PreviewAsync(RoutesDifference difference, SmtpRouteTable after) => ApiRequest.Json(
        new PreviewAnswer([], [.. difference.Added.Select(r => r.Key)], [.. difference.Removed.Select(r => r.Key)],
            [.. difference.Altered.Select(a => a.After.Key)],
            await RoutesPreview.CountElsewhereAsync(parts.Delivery, after).ConfigureAwait(false)));

    private Task<IResult> ImportAsync(HttpContext context) =>
        bodies.ReadAsync(context, file => ImportAsync(context, file));

    private async Task<IResult> ImportAsync(HttpContext context, ReadOnlyMemory<byte> file)
    {
        if (!ApiRequest.TryFlag(context, "merge", out var merge, out var problem)
            || !ApiRequest.TryFlag(context, "all", out var all, out problem)) return problem;
        var isMerge = merge == true;
        if (RoutesDocument.Read(file, out var error) is not { } source)
            return ApiRequest.Problem(400, $"{error!.Message}; {error.Remedy}");
        return await routes.EditAsync(context, isMerge ? "import --merge" : "import",
            document => document.Import(source, isMerge, mayEmpty: all == true)).ConfigureAwait(false);
    }

    private async Task<IResult> ClearAsync(HttpContext context)
    {
        if (!ApiRequest.TryFlag(context, "all", out var isAll, out var problem)) return problem;
        if (isAll != true) return ApiRequest.Problem(400, "Say all=true: every route is deleted.");
        return await routes.EditAsync(context, "clear", document =>
        {
            document.Clear();
            return null;
        }).ConfigureAwait(false);
    }
}
