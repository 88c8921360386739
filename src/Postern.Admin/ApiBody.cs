using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Postern.Admin;

/// <summary>
/// The body of a request that changes something: the text that the operation is described with, or else parameters, as
/// the members of a JSON object, which are then read as those of the query are.
/// </summary>
internal static class ApiBody
{
    /// <summary>Parameters.</summary>
    public const string Json = "application/json";

    /// <summary>A routes file or a password.</summary>
    public const string Text = "text/plain";

    private static readonly JsonDocumentOptions strict = new() { MaxDepth = 3, AllowDuplicateProperties = false };

    /// <summary>Takes the parameters of the body to those of the query.</summary>
    /// <returns>Why the body is refused; null: it is not.</returns>
    public static async Task<IResult?> RefusalAsync(ApiOperation operation, HttpContext context)
    {
        if (operation.Method == HttpMethod.Get || !HasBody(context)) return null;
        var expected = operation.RequestBody is null ? Json : Text;
        var type = MediaTypeOf(context.Request);
        if (expected == Json ? type != Json : IsSurelyNoText(type))
        {
            return ApiRequest.Problem(StatusCodes.Status415UnsupportedMediaType,
                $"The body of {operation.Name} is {expected}, not {type ?? "without a Content-Type"}.");
        }
        if (expected == Text) return null;
        try
        {
            using var json = await JsonDocument.ParseAsync(
                context.Request.Body, strict, context.RequestAborted).ConfigureAwait(false);
            return Take(context.Request, json.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is what .NET says of half a surrogate pair.
            return ApiRequest.Problem(StatusCodes.Status400BadRequest, $"The body is not JSON: {e.Message}");
        }
        catch (BadHttpRequestException e)
        {
            return ApiRequest.Problem(e.StatusCode, e.Message);
        }
    }

    private static bool HasBody(HttpContext context) => context.Request.ContentLength is not 0
        && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };

    // Many a client has one type for every body; but what was put into these forms is not the text itself, and would be
    // a password that nobody has thought of.
    private static bool IsSurelyNoText(string? type) =>
        type == Json || type?.StartsWith("multipart/", StringComparison.Ordinal) == true;

    private static string? MediaTypeOf(HttpRequest request) => request.ContentType is not { } text ? null
        : MediaTypeHeaderValue.TryParse(text, out var type) ? type.MediaType.ToString().ToLowerInvariant() : text;

    private static IResult? Take(HttpRequest request, JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            return ApiRequest.Problem(400, "The body is an object, with parameters as its members.");
        var all = request.Query.ToDictionary(StringComparer.Ordinal);
        foreach (var member in body.EnumerateObject())
        {
            // A script whose variable is not set must not mean more than it was written for.
            if (ValuesOf(member.Value) is not { Count: > 0 } values)
            {
                return ApiRequest.Problem(400,
                    $"'{member.Name}' is a text, a number, a boolean, or a list of at least one of them. What is not "
                    + "said is left out.");
            }
            if (!all.TryAdd(member.Name, values))
                return ApiRequest.Problem(400, $"'{member.Name}' stands in the query and in the body.");
        }
        request.Query = new QueryCollection(all);
        return null;
    }

    private static StringValues? ValuesOf(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array) return TextOf(value) is { } one ? new(one) : null;
        var texts = value.EnumerateArray().Select(TextOf).ToArray();
        return texts.Contains(null) ? null : new(texts);
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };
}
