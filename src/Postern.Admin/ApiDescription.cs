using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Postern.Admin.Accounts;

namespace Postern.Admin;

/// <summary>Maps operations, and describes them by OpenAPI 3.1 at <see cref="Path"/>.</summary>
internal static class ApiDescription
{
    /// <summary>Where the document is.</summary>
    public const string Path = "/api/v1/openapi.json";

    private const string SchemeName = "token";
    private const string LeastRole = "Least role: ";

    /// <summary>What the document is made with.</summary>
    public static void Add(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(options =>
        {
            // Numbers are numbers, for the document as well.
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            foreach (var converter in ApiJson.Options.Converters) options.SerializerOptions.Converters.Add(converter);
        });
        services.AddOpenApi("v1", options =>
        {
            options.ShouldInclude = static _ => true;
            options.AddDocumentTransformer(static (document, _, _) =>
            {
                Describe(document);
                return Task.CompletedTask;
            });
        });
    }

    /// <summary>Lets an operation be served, and puts it into the document.</summary>
    public static void Map(IEndpointRouteBuilder routes, ApiOperation operation, RequestDelegate answer)
    {
        var endpoint = routes.MapMethods(operation.Path, [operation.Method.Method], (Delegate)answer)
            .WithName(operation.Name)
            .WithTags("Postern")
            .WithSummary(operation.Summary)
            .Produces(StatusCodes.Status200OK, operation.Body, operation.MediaType);
        if (operation.OtherStatus is { } other) endpoint.Produces(other, operation.Body, "application/json");
        var problems = operation.Problems
            .Union(operation.Method == HttpMethod.Get ? [] : [409, 413, 415, 422]);
        foreach (var status in problems) endpoint.ProducesProblem(status);
        if (!operation.IsOpen)
        {
            if (!operation.Problems.Contains(400)) endpoint.ProducesProblem(StatusCodes.Status400BadRequest);
            endpoint.ProducesProblem(StatusCodes.Status401Unauthorized);
            endpoint.ProducesProblem(StatusCodes.Status403Forbidden);
            endpoint.ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        }
        endpoint.AddOpenApiOperationTransformer((described, context, _) =>
        {
            Describe(described, context.Document!, operation);
            return Task.CompletedTask;
        });
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Postern",
            Version = "v1",
            Description = "The running gateway. Errors are problem details (RFC 9457). Times are RFC 3339.",
        };
        // Where it listens is the operator's affair, and the reader knows where the document came from.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[SchemeName] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "The token of the file api-token in the data folder, which may do everything, or one that "
                + "was made for a program and has a role.",
        };
    }

    private static void Describe(OpenApiOperation described, OpenApiDocument document, ApiOperation operation)
    {
        var takesJson = TakesJson(operation);
        described.Parameters =
            [.. operation.Parameters.Select(p => ParameterOf(p, takesJson && !p.IsInPath)), .. HeadersOf(operation)];
        if (operation.TellsProgress) DescribeProgress(described);
        if (!operation.IsOpen) described.Description = $"{LeastRole}{operation.Least.Word()}.";
        described.Security = operation.IsOpen ? []
            : [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SchemeName, document)] = [] }];
        if (operation.RequestBody is { } body)
        {
            described.RequestBody = Body(
                ApiBody.Text, body, isRequired: true, new OpenApiSchema { Type = JsonSchemaType.String });
        }
        else if (takesJson)
        {
            described.RequestBody = Body(ApiBody.Json, "Parameters that do not stand in the query, as members of one "
                + "object.", isRequired: false, new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Properties = operation.Parameters.Where(p => !p.IsInPath)
                        .ToDictionary(p => p.Name, p => (IOpenApiSchema)p.Schema, StringComparer.Ordinal),
                });
        }
    }

    private static void DescribeProgress(OpenApiOperation described) =>
        described.Responses!["200"].Content![JsonLines.Type] = new OpenApiMediaType
        {
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "Where Accept names this type: such an object a line, once a second. 'done' is what "
                    + "application/json has at the end, so far; 'isLast' is true in the last line, and there 'failure' "
                    + "says why the work ended before all was done, or is null.",
                Required = new HashSet<string>(StringComparer.Ordinal) { "done", "isLast", "failure" },
            },
        };

    private static OpenApiRequestBody Body(string type, string description, bool isRequired, OpenApiSchema schema) =>
        new()
        {
            Description = description,
            Required = isRequired,
            Content = new Dictionary<string, OpenApiMediaType> { [type] = new() { Schema = schema } },
        };

    private static bool TakesJson(ApiOperation operation) => operation.Method != HttpMethod.Get
        && operation.RequestBody is null && operation.Parameters.Any(p => !p.IsInPath);

    private static IEnumerable<OpenApiParameter> HeadersOf(ApiOperation operation)
    {
        if (operation.IsConditional)
        {
            yield return Header("If-Match", "The ETag of what was looked at, or the version of a route: the request is "
                + "refused with 412 when somebody has changed it meanwhile. Without it, it is not.");
        }
        if (operation.Method != HttpMethod.Get)
        {
            yield return Header(RepeatedRequests.Header, "Chosen by the client. The same request with the same key is "
                + "answered as the first one was, for a day, and not done again.");
        }
    }

    private static OpenApiParameter Header(string name, string description) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static OpenApiParameter ParameterOf(ApiParameter parameter, bool mayBeInBody) => new()
    {
        Name = parameter.Name,
        In = parameter.IsInPath ? ParameterLocation.Path : ParameterLocation.Query,
        Description = parameter.Description
            + (parameter.IsRequired && mayBeInBody ? " It must be given, here or in the body." : ""),
        Required = parameter.IsRequired && !mayBeInBody,
        Schema = parameter.Schema,
        Example = parameter.Example is not { } example ? null
            : parameter.Schema.Type == JsonSchemaType.Boolean ? JsonValue.Create(bool.Parse(example))
            : JsonValue.Create(example),
    };
}
