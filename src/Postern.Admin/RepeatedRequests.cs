using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Postern.Admin.Access;

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

    /// <summary>Octets that are read behind what the operation has read of a body, to tell it from another.</summary>
    private const int MaxRest = 1_000_000;

    /// <summary>For so long.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(5);

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
    /// <param name="context">The request; its caller may ask for it.</param>
    /// <param name="answer">Does it.</param>
    /// <param name="isSecret">The answer is told this once: a repetition is answered only that it was done.</param>
    public async Task<IResult> AnswerAsync(
        HttpContext context, Func<HttpContext, Task<IResult>> answer, bool isSecret = false)
    {
        var given = context.Request.Headers[Header].ToString();
        if (given.Length is 0 or > MaxKey || given.Any(c => c is < '!' or > '~'))
            return ApiRequest.Problem(400, $"{Header} is 1 to {MaxKey} printable ASCII characters.");
        // One caller's keys are nothing to another, nor to itself with another role.
        var key = $"{Caller.KeyOf(context.User)} {given}";
        // Before the parameters of the body are taken to those of the query.
        var asked = string.Join(' ', context.Request.Method, context.Request.Path, context.Request.QueryString,
            context.Request.Headers.IfMatch);
        Kept? mine = null;
        StoredAnswer? before;
        string request;
        lock (gate)
        {
            Forget();
            if (!kept.TryGetValue(key, out var other)) kept[key] = mine = new Kept(key, time.GetUtcNow());
            (before, request) = (other?.Answer, other?.Request ?? "");
        }
        if (mine is not null) return await FirstAsync(context, mine, asked, answer, isSecret).ConfigureAwait(false);
        if (before is null)
            return ApiRequest.Problem(409, $"The request with this {Header} is still under way.");
        // Of a client that went before its whole body had come nobody knows what would have followed.
        byte[] body = [];
        if (before.HasBody)
            body = await SHA256.HashDataAsync(context.Request.Body, context.RequestAborted).ConfigureAwait(false);
        return RequestOf(asked, body) == request ? before
            : ApiRequest.Problem(422, $"This {Header} was given with another request.");
    }

    private async Task<IResult> FirstAsync(
        HttpContext context, Kept mine, string asked, Func<HttpContext, Task<IResult>> answer, bool isSecret)
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
            // What failed may succeed the next time.
            isKept = result.StatusCode < 500;
            if (!isKept) return result;
            // It is done, and from here on the client may go: a repetition must find that it was.
            var isWhole = await IsReadAsync(body).ConfigureAwait(false);
            Keep(mine, RequestOf(asked, isWhole ? hash.Hash! : []), result.Kept(isWhole, isSecret));
            return result;
        }
        finally
        {
            if (!isKept) lock (gate) kept.Remove(mine.Key);
        }
    }

    // To its end, within bounds.
    private async Task<bool> IsReadAsync(CryptoStream body)
    {
        using var bound = new CancellationTokenSource(patience, time);
        var buffer = new byte[16_384];
        try
        {
            for (var rest = 0; rest <= MaxRest;)
            {
                var read = await body.ReadAsync(buffer, bound.Token).ConfigureAwait(false);
                if (read == 0) return true;
                rest += read;
            }
            return false;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private void Keep(Kept mine, string request, StoredAnswer answer)
    {
        lock (gate)
        {
            (mine.Request, mine.Answer) = (request, answer);
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

    private static string RequestOf(string asked, byte[] body) => $"{asked} {Convert.ToHexString(body)}";
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

    private StoredAnswer(
        int status, string? contentType, string eTag, byte[] body, bool isAgain = false, bool hasBody = false) =>
        (this.status, this.contentType, this.eTag, this.body, this.isAgain, HasBody) =
        (status, contentType, eTag, body, isAgain, hasBody);

    /// <inheritdoc/>
    public int? StatusCode => status;

    /// <summary>The hash of the body that it answers is known.</summary>
    public bool HasBody { get; }

    /// <summary>Octets of its body.</summary>
    public int Length => body.Length;

    /// <summary>What a result answers, also where the client has gone.</summary>
    public static async Task<StoredAnswer> OfAsync(IResult result, HttpContext context)
    {
        var response = context.Response;
        var (real, aborted) = (response.Body, context.RequestAborted);
        using var buffer = new MemoryStream();
        response.Body = buffer;
        context.RequestAborted = CancellationToken.None;
        try
        {
            await result.ExecuteAsync(context).ConfigureAwait(false);
        }
        finally
        {
            (response.Body, context.RequestAborted) = (real, aborted);
        }
        if (!response.HasStarted) response.ContentLength = null;
        // Of an answer that has begun, the client has the status of its beginning.
        var status = (result as IStatusCodeHttpResult)?.StatusCode ?? response.StatusCode;
        return new StoredAnswer(status, response.ContentType, response.Headers.ETag.ToString(),
            buffer.ToArray());
    }

    /// <summary>The answer to a repetition; what was too large or is a secret is not repeated.</summary>
    public StoredAnswer Kept(bool hasBody, bool isSecret)
    {
        isSecret &= status < 400;
        if (!isSecret && body.Length <= MaxKept) return new(status, contentType, eTag, body, isAgain: true, hasBody);
        var why = isSecret ? "has a secret, which is told once" : "was too large to be kept";
        return new(status, "application/json", eTag, Encoding.UTF8.GetBytes(
            $"{{\"detail\":\"This was done before; its answer {why}.\"}}"), isAgain: true, hasBody);
    }

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        // What was told on the way is not kept, and not told again: this is the end of it.
        if (response.HasStarted) return response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
        (response.StatusCode, response.ContentType, response.ContentLength) = (status, contentType, body.Length);
        if (eTag.Length > 0) response.Headers.ETag = eTag;
        if (isAgain) response.Headers["Idempotency-Replayed"] = "true";
        return response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}
