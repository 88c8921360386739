using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Postern.Spool;

namespace Postern.Admin;

/// <summary>
/// Checks the store of the running gateway and tells how far it is, a <see cref="SpoolCheck"/> a line, until the last
/// line has what was found. It ends with its reader, and with the gateway.
/// </summary>
/// <param name="verify">The check: told how many records it has read.</param>
/// <param name="turn">Given back at the end.</param>
/// <param name="time">The clock.</param>
internal sealed class SpoolCheckStream(
    Func<Action<long>, CancellationToken, SpoolReport> verify, IDisposable turn, TimeProvider time) : IResult
{
    private long records;

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var over = turn;
        var stopping = httpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        var check = Task.Run(() => verify(read => Volatile.Write(ref records, read), end.Token), end.Token);
        try
        {
            while (!await JsonLines.HasEndedAsync(check, time).ConfigureAwait(false))
                await WriteAsync(httpContext, new(Volatile.Read(ref records), null, null)).ConfigureAwait(false);
        }
        finally
        {
            // Whoever has gone away is not checked for.
            await end.CancelAsync().ConfigureAwait(false);
            await ((Task)check).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await WriteAsync(httpContext, Outcome(check)).ConfigureAwait(false);
    }

    private SpoolCheck Outcome(Task<SpoolReport> check) => check switch
    {
        { IsCompletedSuccessfully: true } => new(records, SpoolVerdict.Of(check.Result), null),
        { Exception.InnerException: SpoolException e } => new(records, null, e.Message),
        { Exception.InnerException: { } e } => new(records, null, $"internal error: {e.Message}"),
        _ => new(records, null, "the gateway stops"),
    };

    private static Task WriteAsync(HttpContext context, SpoolCheck step) =>
        JsonLines.WriteAsync(context, step, context.RequestAborted);
}

/// <summary>How far a check of the store is.</summary>
/// <param name="Records">Records that were read.</param>
/// <param name="Verdict">What was found; null: it is not at its end.</param>
/// <param name="Failure">Why it came to no end; null: it did, or goes on.</param>
public sealed record SpoolCheck(long Records, SpoolVerdict? Verdict, string? Failure);

/// <summary>What a check of the store has found.</summary>
/// <param name="Messages">Messages whose records can be read.</param>
/// <param name="Recipients">Their recipients without a final result.</param>
/// <param name="Octets">Octets of contents.</param>
/// <param name="Uploads">Contents that come in; without a gateway those that a crash has left.</param>
/// <param name="Refused">Messages that were answered 451 and that the next start deletes.</param>
/// <param name="FaultCount">How many faults there are.</param>
/// <param name="Faults">The first thousand of them.</param>
public sealed record SpoolVerdict(
    long Messages, long Recipients, long Octets, long Uploads, long Refused, long FaultCount,
    IReadOnlyList<SpoolFaultForm> Faults)
{
    /// <summary>The form of a report.</summary>
    public static SpoolVerdict Of(SpoolReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new(
            report.Messages, report.Recipients, report.Octets, report.Uploads, report.Refused, report.FaultCount,
            [.. report.Faults.Select(fault => new SpoolFaultForm(fault.Mid?.Value, fault.Reason, fault.Consequence))]);
    }
}

/// <summary>One thing that is wrong in the store.</summary>
/// <param name="Mid">The message that is affected; null: the store itself.</param>
/// <param name="Reason">What is wrong with which record.</param>
/// <param name="Consequence">What becomes of the message.</param>
public sealed record SpoolFaultForm(long? Mid, string Reason, string Consequence);
