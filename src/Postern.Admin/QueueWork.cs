using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Postern.Admin.Auditing;
using Postern.Delivery.Reports;
using Postern.Spool;

namespace Postern.Admin;

/// <summary>
/// Work on the whole queue for one request. Where the client accepts <see cref="JsonLines"/> it is told once a second
/// how far the work is; the last line has its end. Without an <c>Idempotency-Key</c> the work ends with its client,
/// behind the part that was begun; with one it goes on to its end, since the client may come again for the outcome.
/// </summary>
internal sealed class QueueWork(HttpContext context, TimeProvider time)
{
    private OperationReport done = new(0, 0, 0);

    /// <summary>Does it.</summary>
    /// <param name="work">The work: told where to say what was done so far, and what ends it.</param>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public async Task<IResult> RunAsync(Func<Action<OperationReport>, CancellationToken, Task<OperationReport>> work)
    {
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var gone = context.Request.Headers.ContainsKey(RepeatedRequests.Header)
            ? CancellationToken.None : context.RequestAborted;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(gone, stopping);
        var working = work(so => Volatile.Write(ref done, so), end.Token);
        var tells = JsonLines.AreAccepted(context.Request);
        while (tells && !await JsonLines.HasEndedAsync(working, time).ConfigureAwait(false))
            await TellAsync().ConfigureAwait(false);
        try
        {
            var report = await working.ConfigureAwait(false);
            return tells ? new LastLine(new(report, true, null)) : ApiRequest.Json(report);
        }
        catch (SpoolException e)
        {
            return Failed(e.Message, tells);
        }
        catch (OperationCanceledException) when (!gone.IsCancellationRequested)
        {
            return Failed("the gateway stops", tells);
        }
    }

    private async Task TellAsync()
    {
        try
        {
            await JsonLines.WriteAsync(context, new OperationStep(Volatile.Read(ref done), false, null),
                context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client has gone; whether the work goes on without it is decided above.
        }
    }

    private IResult Failed(string reason, bool tells)
    {
        if (tells && context.Response.HasStarted)
        {
            AuditNote.Of(context).Detail = reason;
            return new LastLine(new(done, true, reason));
        }
        return ApiRequest.Problem(StatusCodes.Status503ServiceUnavailable,
            $"{reason}; until then it was done to {done.Recipients} recipients in {done.Messages} messages");
    }

    // The status is that of the outcome: where lines went before, the client has a 200 already.
    private sealed class LastLine(OperationStep step) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode =>
            step.Failure is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;

        public Task ExecuteAsync(HttpContext httpContext) =>
            JsonLines.WriteAsync(httpContext, step, httpContext.RequestAborted);
    }
}

/// <summary>How far work on the queue is.</summary>
/// <param name="Done">What was done so far; at the end, in all.</param>
/// <param name="IsLast">It has ended.</param>
/// <param name="Failure">Why it ended before all was done; null: it did not, or goes on.</param>
public sealed record OperationStep(OperationReport Done, bool IsLast, string? Failure);
