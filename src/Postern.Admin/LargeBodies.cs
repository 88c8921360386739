using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Postern.Admin;

/// <summary>
/// Takes in routes files of up to 100 MB, two at a time: each needs several times its size in memory until it is dealt
/// with, and mail needs that memory, too. Any thread may call it.
/// </summary>
internal sealed class LargeBodies
{
    /// <summary>Octets of a file: up to a million routes.</summary>
    public const long MaxLength = 100_000_000;

    /// <summary>How many are dealt with at a time; a further one is told to come again.</summary>
    public const int MaxAtOnce = 2;

    private const string RetryAfter = "5";

    private int underWay;

    /// <summary>A turn, to be given back when nothing of the file is needed any more; null: come again.</summary>
    public IDisposable? TryTake()
    {
        if (Interlocked.Increment(ref underWay) <= MaxAtOnce) return new Turn(this);
        Interlocked.Decrement(ref underWay);
        return null;
    }

    /// <summary>Reads the body of a request and answers it, or answers 503.</summary>
    public async Task<IResult> ReadAsync(HttpContext context, Func<ReadOnlyMemory<byte>, Task<IResult>> answer)
    {
        using var turn = TryTake();
        if (turn is null)
        {
            context.Response.Headers[HeaderNames.RetryAfter] = RetryAfter;
            return ApiRequest.Problem(StatusCodes.Status503ServiceUnavailable,
                $"{MaxAtOnce} routes files are being read; come again in {RetryAfter} seconds.");
        }
        var said = context.Request.ContentLength ?? 0;
        using var body = new MemoryStream((int)Math.Min(said, MaxLength));
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        return await answer(body.GetBuffer().AsMemory(0, (int)body.Length)).ConfigureAwait(false);
    }

    private sealed class Turn(LargeBodies bodies) : IDisposable
    {
        private int isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isOver, 1) == 0) Interlocked.Decrement(ref bodies.underWay);
        }
    }
}
