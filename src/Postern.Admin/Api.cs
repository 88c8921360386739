using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.DependencyInjection;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;
using Postern.Admin.Pages.Shell;

namespace Postern.Admin;

/// <summary>All operations of the API, and where requests find them.</summary>
internal sealed class Api(AdminParts parts, RouteListings listings, LargeBodies bodies)
{
    /// <summary>Serves and describes the operations.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var pipeline = new ApiPipeline(parts.Audit, new RepeatedRequests(parts.Time));
        foreach (var operation in Operations(parts, listings, bodies))
            ApiDescription.Map(routes, operation, pipeline.For(operation));
        routes.MapOpenApi(ApiDescription.Path);
    }

    /// <summary>
    /// What a request is answered that nothing serves: 405 with the methods that the path has (RFC 9110 §15.5.6), or
    /// 404, as a page where somebody looks for one.
    /// </summary>
    public static IResult NotFound(HttpContext context)
    {
        var path = context.Request.Path;
        var methods = MethodsOf(context);
        // A method that the path has and that is not served has a part of the path that is none, such as a number.
        if (methods.Count == 0 || methods.Contains(context.Request.Method))
        {
            if (AdminGate.IsVisit(context))
                return new RazorComponentResult<App> { StatusCode = StatusCodes.Status404NotFound };
            return Results.Problem(statusCode: StatusCodes.Status404NotFound, title: "Not found",
                detail: "There is nothing at this address.", instance: path);
        }
        context.Response.Headers.Allow = string.Join(", ", methods);
        return ApiRequest.Problem(StatusCodes.Status405MethodNotAllowed,
            $"{context.Request.Method} is no method of this address; it has {string.Join(" and ", methods)}.");
    }

    // Of operations, pages, forms and files alike; a method that is served by what has any is not asked for here.
    private static List<string> MethodsOf(HttpContext context)
    {
        var path = context.Request.Path;
        var methods = context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => new TemplateMatcher(new RouteTemplate(e.RoutePattern), []).TryMatch(path, []))
            .SelectMany(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            .ToHashSet(StringComparer.Ordinal);
        if (methods.Contains(HttpMethods.Get) && path != EventApi.Path) methods.Add(HttpMethods.Head);
        return [.. methods.Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<ApiOperation> Operations(
        AdminParts parts, RouteListings listings, LargeBodies bodies)
    {
        var routes = new RouteApi(parts, listings);
        var status = new StatusOperations(parts);
        return
        [
            .. new HealthOperations(parts).All(), .. new DeliveryOperations(parts).All(),
            .. status.All(), .. new EventApi(parts, status.NowAsync).All(), .. new QueueApi(parts).All(),
            .. new MessageContentApi(parts).All(), .. routes.All(), .. new RouteFileApi(parts, routes, bodies).All(),
            .. new ProfileApi(parts).All(),
            .. new SuspensionOperations(parts).All(), .. new AuditOperations(parts).All(),
            .. new TokenApi(parts.Tokens).All(), .. new AccountApi(parts).All(),
            .. new LogOperations(parts).All(), .. new SpoolOperations(parts).All(),
        ];
    }
}
