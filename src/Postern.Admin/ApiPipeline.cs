using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;
using Postern.Spool;

namespace Postern.Admin;

/// <summary>
/// What every operation of the API goes through, from the outside to the inside: the memory of requests that come
/// again, the audit log, the role, the check of the parameters, failures that become answers, and then the operation
/// itself. Any thread may call it.
/// </summary>
internal sealed class ApiPipeline(AuditLog audit, RepeatedRequests repeated)
{
    /// <summary>The <c>Cache-Control</c> of every answer (RFC 9111 §5.2.2.5).</summary>
    public const string NoStore = "no-store";

    private const string Masked = "•••";

    /// <summary>Serves an operation.</summary>
    public RequestDelegate For(ApiOperation operation)
    {
        async Task<IResult> Once(HttpContext context)
        {
            // Before the entry, which has what is asked for, and behind the role, which is to be told first.
            var refusal = ForbiddenIn(context, operation)
                ?? await ApiBody.RefusalAsync(operation, context).ConfigureAwait(false);
            Task<IResult> Answer() => refusal is null ? AnswerAsync(operation, context) : Task.FromResult(refusal);
            return await (operation.IsAudited
                ? audit.ActAsync(EntryOf(operation, context), note => NotedAsync(Answer, context, note))
                : Answer()).ConfigureAwait(false);
        }
        return async context =>
        {
            // Who may not is told so, also where another one's request would be answered again.
            var isAllowed = ForbiddenIn(context, operation) is null;
            if (isAllowed && operation.MaxBody is { } octets) ApiRequest.Allow(context, octets);
            var answer = isAllowed && IsRepeatable(operation, context)
                ? repeated.AnswerAsync(context, Once, operation.TellsSecret) : Once(context);
            await ExecuteAsync(await answer.ConfigureAwait(false), context).ConfigureAwait(false);
        };
    }

    /// <summary>
    /// Serves what is no operation: a disk that fails and a gateway that stops are 503 here as well.
    /// </summary>
    public static RequestDelegate Guarded(Func<HttpContext, Task<IResult>> answer) => async context =>
        await ExecuteAsync(await GuardedAsync(answer, context).ConfigureAwait(false), context).ConfigureAwait(false);

    private static Task ExecuteAsync(IResult result, HttpContext context)
    {
        // What tells how far it is has begun to answer before its result is there.
        if (!context.Response.HasStarted) context.Response.Headers.CacheControl = NoStore;
        return result.ExecuteAsync(context);
    }

    private static async Task<IResult> NotedAsync(Func<Task<IResult>> answer, HttpContext context, AuditNote note)
    {
        context.Items[typeof(AuditNote)] = note;
        var result = await answer().ConfigureAwait(false);
        var status = (result as IStatusCodeHttpResult)?.StatusCode ?? StatusCodes.Status200OK;
        if (status < 400) return result;
        note.Result = status < 500 ? AuditResult.Refused : AuditResult.Failed;
        note.Detail = (result as ProblemHttpResult)?.ProblemDetails.Detail ?? note.Detail;
        return result;
    }

    private static async Task<IResult> AnswerAsync(ApiOperation operation, HttpContext context) =>
        UnknownIn(context, operation) ?? await GuardedAsync(operation.Answer, context).ConfigureAwait(false);

    private static async Task<IResult> GuardedAsync(Func<HttpContext, Task<IResult>> answer, HttpContext context)
    {
        try
        {
            return await answer(context).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            // A body that is too large, too slow or no whole one.
            return ApiRequest.Problem(e.StatusCode, e.Message);
        }
        catch (Exception e) when (e is SpoolException or IOException or UnauthorizedAccessException)
        {
            return Unavailable(e.Message);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return Unavailable("The gateway stops.");
        }
    }

    private static bool IsRepeatable(ApiOperation operation, HttpContext context) =>
        operation.Method != HttpMethod.Get && context.Request.Headers.ContainsKey(RepeatedRequests.Header);

    private static IResult? ForbiddenIn(HttpContext context, ApiOperation operation) =>
        operation.IsOpen || context.User.May(operation.Least) ? null
            : ApiRequest.Problem(StatusCodes.Status403Forbidden,
                $"{operation.Name} is for the role {operation.Least.Word()} or above.");

    // A filter that is mistyped, and one that is empty since a variable of a script is not set, must not select more
    // than was meant. What is given is held against its declaration here, whether or not the operation reads it.
    private static IResult? UnknownIn(HttpContext context, ApiOperation operation)
    {
        if (operation.IsOpen) return null;
        var known = operation.Parameters.Where(p => !p.IsInPath).ToList();
        foreach (var (name, values) in context.Request.Query)
        {
            var parameter = known.Find(p => p.Name == name);
            if (parameter is null)
            {
                return ApiRequest.Problem(StatusCodes.Status400BadRequest, $"'{name}' is no parameter; known are: "
                    + (known.Count == 0 ? "none" : string.Join(", ", known.Select(p => p.Name))) + ".");
            }
            if (values.Count > 1 && parameter.Schema.Type != JsonSchemaType.Array)
                return ApiRequest.Problem(StatusCodes.Status400BadRequest, $"'{name}' is given more than once.");
            if (values.Any(string.IsNullOrEmpty))
            {
                return ApiRequest.Problem(StatusCodes.Status400BadRequest,
                    $"{name} is empty: leave it out, or say what is meant.");
            }
            if (parameter.Schema.Type == JsonSchemaType.Boolean && values[0] is not ("true" or "false"))
                return ApiRequest.Problem(StatusCodes.Status400BadRequest, $"{name} is true or false.");
        }
        return null;
    }

    private static AuditEntry EntryOf(ApiOperation operation, HttpContext context)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, values) in context.Request.Query)
            given[name] = IsSecret(operation, name) ? Masked : values.ToString();
        foreach (var (name, value) in context.Request.RouteValues) given[name] = value?.ToString() ?? "";
        return new AuditEntry
        {
            Who = CommandUser.Of(context),
            From = context.Connection.RemoteIpAddress?.ToString() ?? "",
            Action = operation.Name,
            Parameters = given.Count == 0 ? null : given,
            Request = Activity.Current?.Id ?? context.TraceIdentifier,
        };
    }

    // What is no parameter is refused, and may be a secret that was put into the wrong place.
    private static bool IsSecret(ApiOperation operation, string name) =>
        operation.Parameters.FirstOrDefault(p => p.Name == name) is not { IsSecret: false };

    private static IResult Unavailable(string detail) =>
        Results.Problem(statusCode: StatusCodes.Status503ServiceUnavailable, detail: detail);
}
