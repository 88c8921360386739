using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;

namespace Postern.Admin;

/// <summary>All operations of the API, and where requests find them.</summary>
internal sealed class Api(AdminParts parts, RouteListings listings, LargeBodies bodies)
{
    private readonly IReadOnlyList<(ApiOperation Operation, TemplateMatcher Path)> operations =
    [
        .. Operations(parts, listings, bodies)
            .Select(o => (o, new TemplateMatcher(TemplateParser.Parse(o.Path[1..]), []))),
    ];

    /// <summary>Serves and describes the operations.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var pipeline = new ApiPipeline(parts.Audit, new RepeatedRequests(parts.Time));
        foreach (var (operation, _) in operations) ApiDescription.Map(routes, operation, pipeline.For(operation));
        routes.MapOpenApi(ApiDescription.Path);
    }

    /// <summary>
    /// What a request is answered that nothing serves: 405 with the methods that the path has (RFC 9110 §15.5.6), or
    /// 404.
    /// </summary>
    public IResult NotFound(HttpContext context)
    {
        var path = context.Request.Path;
        var methods = operations.Where(o => o.Path.TryMatch(path, []))
            .Select(o => o.Operation.Method.Method).Distinct(StringComparer.Ordinal).ToList();
        if (methods.Count == 0)
        {
            return Results.Problem(statusCode: StatusCodes.Status404NotFound, title: "Not found",
                detail: "There is nothing at this address.", instance: path);
        }
        context.Response.Headers.Allow = string.Join(", ", methods);
        return ApiRequest.Problem(StatusCodes.Status405MethodNotAllowed,
            $"{context.Request.Method} is no method of this address; it has {string.Join(" and ", methods)}.");
    }

    private static IEnumerable<ApiOperation> Operations(
        AdminParts parts, RouteListings listings, LargeBodies bodies)
    {
        var routes = new RouteApi(parts, listings);
        var status = new StatusOperations(parts);
        return
        [
            .. new HealthOperations(parts).All(), .. new DeliveryOperations(parts, bodies).All(),
            .. status.All(), .. new EventApi(parts, status.NowAsync).All(), .. new QueueApi(parts).All(),
            .. new MessageContentApi(parts).All(), .. routes.All(), .. new RouteFileApi(parts, routes, bodies).All(),
            .. new ProfileApi(parts).All(),
            .. new SuspensionOperations(parts).All(), .. new AuditOperations(parts).All(),
            .. new TokenApi(parts.Tokens).All(), .. new AccountApi(parts).All(),
            .. new LogOperations(parts).All(), .. new SpoolOperations(parts).All(),
        ];
    }
}
