using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Postern.Admin;

/// <summary>
/// Answers a request that comes again under the same <c>Idempotency-Key</c> as it was answered the first time, and does
/// nothing. In memory, for a day: what a restart forgets is done again by a repetition, which then meets what the first
/// one has left, since an answer and its effect are not one commit in any case. Any thread may call it.
/// </summary>
internal sealed class RepeatedRequests(TimeProvider time)
{
    /// <summary>The header (draft-ietf-httpapi-idempotency-key-header-07).</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>Characters of a key.</summary>
    public const int MaxKey = 255;

    /// <summary>Keys that are remembered; the oldest goes first.</summary>
    public const int MaxKept = 10_000;

    /// <summary>Octets of the answers that are remembered, together.</summary>
    public const long MaxOctets = 16_000_000;

    /// <summary>How long a key is remembered.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(24);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Kept> kept = new(StringComparer.Ordinal);
    private readonly Queue<Kept> inOrder = new();
    private long octets;

    private sealed record Kept(string Key, DateTimeOffset At)
    {
        public string Request { get; set; } = "";
        public StoredAnswer? Answer { get; set; }
    }

    /// <summary>Does what was asked for, or answers as it was answered before.</summary>
    public async Task<IResult> AnswerAsync(HttpContext context, Func<HttpContext, Task<IResult>> answer)
    {
        var given = context.Request.Headers[Header].ToString();
        if (given.Length is 0 or > MaxKey || given.Any(c => c is < '!' or > '~'))
            return ApiRequest.Problem(400, $"{Header} is 1 to {MaxKey} printable ASCII characters.");
        // One caller's keys are nothing to another.
        var key = $"{context.User.Identity?.Name} {given}";
        Kept? mine = null;
        StoredAnswer? before;
        string request;
        lock (gate)
        {
            Forget();
            if (!kept.TryGetValue(key, out var other)) kept[key] = mine = new Kept(key, time.GetUtcNow());
            (before, request) = (other?.Answer, other?.Request ?? "");
        }
        if (mine is not null) return await FirstAsync(context, mine, answer).ConfigureAwait(false);
        if (before is null)
            return ApiRequest.Problem(409, $"The request with this {Header} is still under way.");
        using var hash = SHA256.Create();
        var body = await hash.ComputeHashAsync(context.Request.Body, context.RequestAborted).ConfigureAwait(false);
        return RequestOf(context, body) == request ? before
            : ApiRequest.Problem(422, $"This {Header} was given with another request.");
    }

    private async Task<IResult> FirstAsync(HttpContext context, Kept mine, Func<HttpContext, Task<IResult>> answer)
    {
        var isKept = false;
        try
        {
            using var hash = SHA256.Create();
            // The body is read once: by the operation, and its hash beside.
            await using var body = new CryptoStream(
                context.Request.Body, hash, CryptoStreamMode.Read, leaveOpen: true);
            context.Request.Body = body;
            var result = await StoredAnswer.OfAsync(
                await answer(context).ConfigureAwait(false), context).ConfigureAwait(false);
            await body.CopyToAsync(Stream.Null, context.RequestAborted).ConfigureAwait(false);
            // What failed may succeed the next time.
            isKept = result.StatusCode < 500;
            if (isKept) Keep(mine, RequestOf(context, hash.Hash!), result);
            return result;
        }
        finally
        {
            if (!isKept) lock (gate) kept.Remove(mine.Key);
        }
    }

    private void Keep(Kept mine, string request, StoredAnswer answer)
    {
        lock (gate)
        {
            (mine.Request, mine.Answer) = (request, answer.Kept());
            octets += mine.Answer.Length;
            inOrder.Enqueue(mine);
            Forget();
        }
    }

    private void Forget()
    {
        var oldest = time.GetUtcNow() - Memory;
        while (inOrder.TryPeek(out var first)
            && (first.At < oldest || inOrder.Count > MaxKept || octets > MaxOctets))
        {
            inOrder.Dequeue();
            kept.Remove(first.Key);
            octets -= first.Answer!.Length;
        }
    }

    private static string RequestOf(HttpContext context, byte[] body) => string.Join(' ', context.Request.Method,
        context.Request.Path, context.Request.QueryString, context.Request.Headers.IfMatch,
        Convert.ToHexString(body));
}

/// <summary>An answer as octets, which can be given again. Immutable.</summary>
internal sealed class StoredAnswer : IResult, IStatusCodeHttpResult
{
    /// <summary>Octets of an answer that is kept.</summary>
    private const int MaxKept = 64_000;

    private readonly byte[] body;
    private readonly string? contentType;
    private readonly string eTag;
    private readonly bool isAgain;
    private readonly int status;

    private StoredAnswer(int status, string? contentType, string eTag, byte[] body, bool isAgain) =>
        (this.status, this.contentType, this.eTag, this.body, this.isAgain) =
        (status, contentType, eTag, body, isAgain);

    /// <inheritdoc/>
    public int? StatusCode => status;

    /// <summary>Octets of its body.</summary>
    public int Length => body.Length;

    /// <summary>What a result answers.</summary>
    public static async Task<StoredAnswer> OfAsync(IResult result, HttpContext context)
    {
        var response = context.Response;
        var real = response.Body;
        using var buffer = new MemoryStream();
        response.Body = buffer;
        try
        {
            await result.ExecuteAsync(context).ConfigureAwait(false);
        }
        finally
        {
            response.Body = real;
        }
        response.ContentLength = null;
        return new StoredAnswer(response.StatusCode, response.ContentType, response.Headers.ETag.ToString(),
            buffer.ToArray(), isAgain: false);
    }

    /// <summary>The answer to a repetition; that what was too large to keep is not repeated.</summary>
    public StoredAnswer Kept() => body.Length <= MaxKept
        ? new(status, contentType, eTag, body, isAgain: true)
        : new(status, "application/json", eTag, Encoding.UTF8.GetBytes(
            "{\"detail\":\"This was done before; its answer was too large to be kept.\"}"), isAgain: true);

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        (response.StatusCode, response.ContentType, response.ContentLength) = (status, contentType, body.Length);
        if (eTag.Length > 0) response.Headers.ETag = eTag;
        if (isAgain) response.Headers["Idempotency-Replayed"] = "true";
        return response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}
