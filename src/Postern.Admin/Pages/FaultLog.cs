using Microsoft.Extensions.Logging;

namespace Postern.Admin.Pages;

/// <summary>
/// Tells the mail log of faults of the web host and its pages, which nobody else would see. Any thread may call it.
/// </summary>
/// <param name="tell">Told of each, in one sentence, but of no more than <see cref="MaxInHour"/> in an hour.</param>
/// <param name="time">The clock.</param>
internal sealed class FaultLog(Action<string> tell, TimeProvider time) : ILoggerProvider
{
    /// <summary>Faults that are told in an hour; the next one that is told says how many were not.</summary>
    public const int MaxInHour = 60;

    private readonly Lock gate = new();
    private readonly HourlyBudget budget = new(MaxInHour);
    private int left;

    private const string Components = "Microsoft.AspNetCore.Components";

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName)
    {
        var isOfPages = categoryName.StartsWith(Components, StringComparison.Ordinal);
        // A page that throws and shows so is no more than a warning there.
        return new Faults(Tell, isOfPages ? LogLevel.Warning : LogLevel.Error, isOfPages);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    // What a stranger can cause must not fill the log.
    private void Tell(string fault)
    {
        lock (gate)
        {
            if (!budget.TryTake(time.GetUtcNow()))
            {
                left++;
                return;
            }
            if (left > 0) fault += $"; {left} more before it were not told";
            left = 0;
        }
        tell(fault);
    }

    private sealed class Faults(Action<string> tell, LogLevel least, bool isOfPages) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            // A browser has left without its last answer, as it does when the end of its session leads it to the login
            // page: Blazor waits for a minute and cancels what it waited for. A cancelled task of a page is no fault.
            if (isOfPages && exception is OperationCanceledException) return;
            // The first frame says where it is; the whole trace would fill the log.
            var at = exception?.StackTrace?.Split('\n', 2)[0].Trim();
            tell($"The admin page has a fault: {formatter(state, exception)}"
                + (exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message} {at})"));
        }
    }
}
