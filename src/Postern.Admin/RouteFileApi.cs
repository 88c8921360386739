using Microsoft.AspNetCore.Http;
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

    private Task<IResult> ImportAsync(HttpContext context) =>
        bodies.ReadAsync(context, file => ImportAsync(context, file));

    private async Task<IResult> ImportAsync(HttpContext context, ReadOnlyMemory<byte> file)
    {
        if (!ApiRequest.TryFlag(context, "merge", out var merge, out var problem)
            || !ApiRequest.TryFlag(context, "all", out var all, out problem)) return problem;
        var isMerge = merge == true;
        if (RoutesDocument.Read(file, out var error) is not { } source)
            return ApiRequest.Problem(400, $"{error!.Message}; {error.Remedy}");
        return await routes.EditAsync(context, isMerge ? "import --merge" : "import", document =>
        {
            if (!isMerge && all != true) return document.Import(source);
            if (isMerge) document.Merge(source);
            else document.Replace(source);
            return null;
        }).ConfigureAwait(false);
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
