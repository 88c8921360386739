using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Postern.Admin;

/// <summary>An answer of a JSON value a line, for work that tells once a second how far it is.</summary>
public static class JsonLines
{
    /// <summary>The media type.</summary>
    public const string Type = "application/x-ndjson";

    private static readonly TimeSpan pace = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The client has asked for it, and not less than for one JSON value, which is the other form (RFC 9110 §12.4.2).
    /// </summary>
    public static bool AreAccepted(HttpRequest request)
    {
        var accept = request.GetTypedHeaders().Accept;
        double? QualityOf(string range) =>
            accept.Where(type => type.MediaType.Equals(range, StringComparison.OrdinalIgnoreCase))
                .Max(type => (double?)(type.Quality ?? 1));
        return QualityOf(Type) is > 0 and var lines
            && lines >= (QualityOf("application/json") ?? QualityOf("application/*") ?? QualityOf("*/*") ?? 0);
    }

    /// <summary>Waits for the end of work, for a second at most.</summary>
    public static async Task<bool> HasEndedAsync(Task work, TimeProvider time)
    {
        await work.WaitAsync(pace, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return work.IsCompleted;
    }

    /// <summary>Sends a line at once; the first one begins the answer.</summary>
    public static async Task WriteAsync<T>(HttpContext context, T value, CancellationToken cancellationToken)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = Type;
            context.Response.Headers.CacheControl = ApiPipeline.NoStore;
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        }
        var line = JsonSerializer.SerializeToUtf8Bytes(value, ApiJson.Options);
        await context.Response.Body.WriteAsync((byte[])[.. line, (byte)'\n'], cancellationToken).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
