using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;
using Postern.Routing;

namespace Postern.Admin;

/// <summary>Lists and edits the routing table over the API; see docs/design/api.md.</summary>
internal sealed class RouteApi(AdminParts parts, RouteListings listings)
{
    private const int MaxPage = 1000;
    private const int MaxKeys = 1000;
    private const int MaxErrors = 20;

    private static readonly ApiParameter key = ApiParameter.Text(
        "key", "As in the file: a domain, .domain, ALL, or [address], [prefix], [range].", "example.com")
        with
    { IsRequired = true };

    private static readonly ApiParameter keys = key with
    {
        Description = "As in the file; may be given several times.",
        Schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Items = new OpenApiSchema { Type = JsonSchemaType.String },
            MaxItems = MaxKeys,
        },
    };

    private static readonly ApiParameter hosts = ApiParameter.Text(
        "hosts", "As in the file, separated by commas.", "10.0.0.1:2510/pri=0, 10.0.0.2/pri=10")
        with
    { IsRequired = true };

    private static readonly ApiParameter options = new("option",
        "As in the file, may be given several times: auth=office; with edit, auth= takes it away.", new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Items = new OpenApiSchema { Type = JsonSchemaType.String },
        });

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, "/api/v1/routes", "listRoutes", "The table in force, by the keys, in pages.",
            typeof(RoutesPage), ListAsync)
        {
            Parameters =
            [
                ApiParameter.Text(
                    "search", "A part of the key, of a host or of an option; case does not count.", "example"),
                ApiParameter.Text("after", "The 'next' of the page before: its last key.", "example.com"),
                ApiParameter.Number("limit", "Routes in the page.", 1, MaxPage, 100),
            ],
            Problems = [400],
        },
        new(HttpMethod.Get, "/api/v1/routes/history", "listRouteVersions", "The kept versions of the routes file.",
            typeof(IReadOnlyList<RouteVersion>), _ => Task.FromResult(ApiRequest.Json(parts.Edits.History))),
        Edit("new", "newRoute", "Adds a route.", [key, hosts, options],
            (query, _) => document => document.New(One(query, "key"), One(query, "hosts"), Options(query))),
        Edit("edit", "editRoute", "Gives a route other hosts; options that are not named stay.", [key, hosts, options],
            (query, _) => document => document.Edit(One(query, "key"), One(query, "hosts"), Options(query))),
        Edit("delete", "deleteRoutes", "Deletes routes: all that are named, or none.", [keys],
            (query, _) => document => document.Delete([.. query["key"].OfType<string>()])),
        Edit("rollback", "rollbackRoutes", "Puts a version back, as a new version.",
            [ApiParameter.Text("version", "Its number.", "1") with { IsRequired = true }], (_, content) => document =>
            {
                if (RoutesDocument.Read(content, out var error) is not { } version) return error;
                document.Replace(version);
                return null;
            }),
    ];

    /// <summary>Makes an edit for a request, within its precondition, and answers with what was changed.</summary>
    public async Task<IResult> EditAsync(
        HttpContext context, string what, Func<RoutesDocument, RouteError?> edit)
    {
        var expected = ApiRequest.Expected(context) is { } versions
            ? new RoutesPrecondition(versions, [.. context.Request.Query["key"].OfType<string>()]) : null;
        var change = await parts.Edits.EditAsync(
            $"{what} (API, {CommandUser.Of(context)})", edit, expected, context.RequestAborted).ConfigureAwait(false);
        if (change.Difference is not { } difference)
        {
            return ApiRequest.Problem(change.IsOutdated ? 412 : 400, string.Join("; ", change.Errors.Take(MaxErrors)));
        }
        AuditNote.Of(context).Note(difference);
        ApiRequest.Tag(context, change.After!.Version);
        return ApiRequest.Json(RouteEditAnswer.Of(difference, change.After.Count));
    }

    private ApiOperation Edit(
        string verb, string name, string summary, IReadOnlyList<ApiParameter> parameters,
        Func<IQueryCollection, byte[], Func<RoutesDocument, RouteError?>> edit) =>
        new(HttpMethod.Post, $"/api/v1/routes/{verb}", name, summary, typeof(RouteEditAnswer), async context =>
        {
            var query = context.Request.Query;
            byte[] content = [];
            foreach (var parameter in parameters.Where(p => p.IsRequired))
            {
                if (One(query, parameter.Name).Length == 0)
                    return ApiRequest.Problem(400, $"{parameter.Name} is missing: {parameter.Description}");
            }
            if (query["key"].Count > MaxKeys)
                return ApiRequest.Problem(400, $"More than {MaxKeys} keys: delete them in several requests.");
            if (query.TryGetValue("version", out var version))
            {
                if (!int.TryParse(version, out var number) || parts.Edits.ContentOf(number) is not { } kept)
                    return ApiRequest.Problem(400, $"There is no version {version}.");
                content = kept;
            }
            var what = $"{verb} {string.Join(' ', query["key"].Concat(version))}";
            return await EditAsync(context, what, edit(query, content)).ConfigureAwait(false);
        })
        {
            Least = AccountRole.Administrator,
            Parameters = parameters,
            IsConditional = true,
            Problems = [400, 412],
        };

    // The table is immutable, and mail does not wait for who reads it.
    private Task<IResult> ListAsync(HttpContext context)
    {
        if (!ApiRequest.TryNumber(context, "limit", 1, MaxPage, 100, out var limit))
            return Task.FromResult(ApiRequest.Problem(400, $"limit is 1 to {MaxPage}."));
        var query = context.Request.Query;
        var listing = listings.Now;
        ApiRequest.Tag(context, listing.Table.Version);
        var (routes, hasMore) = listing.FindAfter(One(query, "search"), One(query, "after"), limit);
        return Task.FromResult(ApiRequest.Json(new RoutesPage(
            [.. routes.Select(RouteForm.Of)], hasMore ? routes[^1].Key : null, listing.Table.Count)));
    }

    private static string One(IQueryCollection query, string name) => query[name].FirstOrDefault() ?? "";

    private static string[] Options(IQueryCollection query) => [.. query["option"].OfType<string>()];
}
