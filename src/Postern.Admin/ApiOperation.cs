using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using Postern.Admin.Accounts;

namespace Postern.Admin;

/// <summary>One operation of the HTTP API: what serves it and what describes it stand together. Immutable.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Path">The pattern of the path.</param>
/// <param name="Name">Its name among all operations.</param>
/// <param name="Summary">What it does, in one sentence.</param>
/// <param name="Body">What a 200 carries.</param>
/// <param name="Answer">Serves it.</param>
internal sealed record ApiOperation(
    HttpMethod Method, string Path, string Name, string Summary, Type Body, Func<HttpContext, Task<IResult>> Answer)
{
    /// <summary>What may be asked with it.</summary>
    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>What the body of the request is, as text; null: none.</summary>
    public string? RequestBody { get; init; }

    /// <summary>Octets of that body where they may be more than of other requests; null: they may not.</summary>
    public long? MaxBody { get; init; }

    /// <summary>The problems that it answers beside 401, 403 and 503.</summary>
    public IReadOnlyList<int> Problems { get; init; } = [];

    /// <summary>What a 200 carries the body as.</summary>
    public string MediaType { get; init; } = "application/json";

    /// <summary>
    /// A 200 is <see cref="JsonLines"/> of <see cref="OperationStep"/> where the client accepts them.
    /// </summary>
    public bool TellsProgress { get; init; }

    /// <summary>Everybody who reaches the address may ask.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Another status than 200 with the same body; null: none.</summary>
    public int? OtherStatus { get; init; }

    /// <summary>The least role of who may ask: unless told, to look for all, to change for operators.</summary>
    public AccountRole Least { get; init; } =
        Method == HttpMethod.Get ? AccountRole.Viewer : AccountRole.Operator;

    /// <summary>Its answer has a secret that is told once, and not again to a request that is repeated.</summary>
    public bool TellsSecret { get; init; }

    /// <summary>It takes <c>If-Match</c>, and answers 412 when something else stands there now.</summary>
    public bool IsConditional { get; init; }

    /// <summary>The audit log has an entry for it: unless told, for all that changes something.</summary>
    public bool IsAudited { get; init; } = Method != HttpMethod.Get;
}

/// <summary>A parameter of an operation. Immutable.</summary>
/// <param name="Name">As in the query or the path.</param>
/// <param name="Description">What it means, with a unit or form.</param>
/// <param name="Schema">Its type, range and default.</param>
internal sealed record ApiParameter(string Name, string Description, OpenApiSchema Schema)
{
    /// <summary>Part of the path, and so required; else of the query.</summary>
    public bool IsInPath { get; init; }

    /// <summary>It must be given.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Its value is for nobody else: the audit log has it masked.</summary>
    public bool IsSecret { get; init; }

    /// <summary>A value that it may have.</summary>
    public string? Example { get; init; }

    /// <summary>A whole number of the query.</summary>
    public static ApiParameter Number(string name, string description, int least, int most, int unset) =>
        new(name, description, new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Format = "int32",
            Minimum = $"{least}",
            Maximum = $"{most}",
            Default = unset,
        });

    /// <summary>A MID of the query; 0 is before all of them.</summary>
    public static ApiParameter Mid(string name, string description) =>
        new(name, description, new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Format = "int64",
            Minimum = "0",
            Maximum = $"{long.MaxValue}",
        });

    /// <summary>true or false in the query.</summary>
    public static ApiParameter Flag(string name, string description, string? example = null) =>
        new(name, description, new OpenApiSchema { Type = JsonSchemaType.Boolean }) { Example = example };

    /// <summary>Text of the query.</summary>
    public static ApiParameter Text(string name, string description, string example) =>
        new(name, description, new OpenApiSchema { Type = JsonSchemaType.String }) { Example = example };

    /// <summary>A part of the path.</summary>
    public static ApiParameter InPath(string name, string description, string example) =>
        new(name, description, new OpenApiSchema { Type = JsonSchemaType.String })
        {
            IsInPath = true,
            IsRequired = true,
            Example = example,
        };
}
