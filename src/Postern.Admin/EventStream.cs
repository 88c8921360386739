using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Postern.Reporting;

namespace Postern.Admin;

/// <summary>
/// Server-sent events (HTML Living Standard §9.2) to one reader: <c>line</c>, <c>lost</c>, <c>status</c> and
/// <c>end</c>. It sends at most so many lines a second; what the reader or that pace leaves behind is counted and told,
/// and mail never waits for it.
/// </summary>
/// <param name="tap">The lines; null: none. Closed at the end.</param>
/// <param name="turn">Given back at the end.</param>
/// <param name="isLetIn">Who reads may still; asked at each interval of the totals.</param>
/// <param name="status">The totals; null: none.</param>
/// <param name="time">The clock.</param>
internal sealed class EventStream(
    LogTap? tap, IDisposable turn, Func<bool> isLetIn, Func<Task<GatewayStatus>>? status, TimeProvider time) : IResult
{
    /// <summary>What it is sent as.</summary>
    public const string Type = "text/event-stream";

    /// <summary>
    /// Lines that are sent in a pass: two hundred a second, more than anybody reads. What a reader costs is bounded by
    /// it, and not by how much mail there is.
    /// </summary>
    public const int LinesInPass = 50;

    /// <summary>The time from pass to pass.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    /// <summary>The time from totals to totals.</summary>
    public static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(5);

    /// <summary>A stream without an event says so often that it lives.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(15);

    /// <summary>
    /// A stream ends then, and a browser opens it again by itself.
    /// </summary>
    public static readonly TimeSpan MaxLife = TimeSpan.FromMinutes(15);

    private readonly ArrayBufferWriter<byte> pending = new();
    private long told;

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var closing = tap;
        using var over = turn;
        var stopping = httpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        var response = httpContext.Response;
        response.ContentType = Type;
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var start = time.GetTimestamp();
        var reason = "open it again";
        var (nextStatus, nextBeat) = (TimeSpan.Zero, TimeSpan.Zero);
        while (!end.IsCancellationRequested && time.GetElapsedTime(start) is var age && age < MaxLife)
        {
            TakeLines();
            if (age >= nextStatus)
            {
                if (!isLetIn())
                {
                    reason = "the login or token is no longer good";
                    break;
                }
                nextStatus = age + StatusInterval;
                await TakeStatusAsync().ConfigureAwait(false);
            }
            if (pending.WrittenCount > 0 || age >= nextBeat)
            {
                // A comment: it has no effect but that the connection is used.
                if (pending.WrittenCount == 0) pending.Write(": beat\n\n"u8);
                nextBeat = age + Beat;
                await WriteAsync(response, end.Token).ConfigureAwait(false);
            }
            await WaitAsync(end.Token).ConfigureAwait(false);
        }
        if (httpContext.RequestAborted.IsCancellationRequested) return;
        Add("end"u8, new { reason = stopping.IsCancellationRequested ? "the gateway stops" : reason });
        await WriteAsync(response, httpContext.RequestAborted).ConfigureAwait(false);
    }

    private void TakeLines()
    {
        if (tap is null) return;
        // The oldest lines were lost, so that this stands in front of those that are left.
        if (tap.Lost is var lost && lost > told)
        {
            Add("lost"u8, new { lines = lost - told });
            told = lost;
        }
        for (var taken = 0; taken < LinesInPass && tap.Lines.TryRead(out var line); taken++)
            Add("line"u8, FormOf(line));
    }

    private async Task TakeStatusAsync()
    {
        if (status is null) return;
        try
        {
            var now = await status().ConfigureAwait(false);
            Add("status"u8, now);
        }
        catch (OperationCanceledException)
        {
            // Delivery has stopped, and the loop sees the rest of the gateway stop.
            return;
        }
    }

    private static LineForm FormOf(string line) => LogLine.TryParse(Encoding.UTF8.GetBytes(line), out var parsed)
        ? new LineForm(line, IdOf(parsed.Mid), IdOf(parsed.Icid), IdOf(parsed.Dcid))
        : new LineForm(line, null, null, null);

    private static long? IdOf(long id) => id == 0 ? null : id;

    private void Add<T>(ReadOnlySpan<byte> name, T data)
    {
        pending.Write("event: "u8);
        pending.Write(name);
        pending.Write("\ndata: "u8);
        using (var json = new Utf8JsonWriter(pending, new JsonWriterOptions { Encoder = ApiJson.Options.Encoder }))
            JsonSerializer.Serialize(json, data, ApiJson.Options);
        pending.Write("\n\n"u8);
    }

    private async Task WriteAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        try
        {
            await response.Body.WriteAsync(pending.WrittenMemory, cancellationToken).ConfigureAwait(false);
            await response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Who reads has gone, or the gateway stops: the loop sees it.
            return;
        }
        finally
        {
            pending.ResetWrittenCount();
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Pace, time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop sees it.
            return;
        }
    }

    private sealed record LineForm(string Text, long? Mid, long? Icid, long? Dcid);
}
