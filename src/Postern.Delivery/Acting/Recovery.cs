using Postern.Delivery.Deciding;
using Postern.Delivery.Scheduling;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Acting;

/// <summary>
/// Takes up what the spool held at the start, oldest first and a part at a time, so that mail comes in and goes out
/// meanwhile. For one start of an engine.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="last">The last MID that was given before the start.</param>
internal sealed class Recovery(DeliveryEngine engine, Mid last)
{
    // So few that the garbage of a part is found before the next collections move it to where only a whole one looks.
    private const int RecipientsAtOnce = 256;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs to the end, over a time in which the store is closed as well.</summary>
    /// <exception cref="OperationCanceledException">The engine stops.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var taken = new Mid(0);
        for (var failures = 0; ; failures++)
        {
            try
            {
                foreach (var part in Parts(engine.Spool.ReadQueue(last).Where(m => m.Mid.CompareTo(taken) > 0)))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    await engine.AskAsync(s => Load(s, part)).ConfigureAwait(false);
                    taken = part[^1].Mid;
                    // What has expired meanwhile is not taken up faster than its outcomes become durable.
                    while (engine.IsBehind)
                        await Task.Delay(Pause, engine.Time, cancellationToken).ConfigureAwait(false);
                }
                await engine.AskAsync(engine.Compact).ConfigureAwait(false);
                return;
            }
            catch (SpoolException)
            {
                // The store is closed and says so; it is opened again, or the gateway stops.
                failures = 0;
            }
            catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
            {
                engine.Tell($"the queue is not read behind MID {taken}, which is tried again: {e}");
            }
            await Task.Delay(Backoff.After(failures, Again, Longest), engine.Time, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private static IEnumerable<IReadOnlyList<StoredMessage>> Parts(IEnumerable<StoredMessage> messages)
    {
        var (part, recipients) = (new List<StoredMessage>(), 0);
        foreach (var message in messages)
        {
            part.Add(message);
            recipients += message.Recipients.Count;
            if (recipients < RecipientsAtOnce) continue;
            yield return part;
            (part, recipients) = ([], 0);
        }
        if (part.Count > 0) yield return part;
    }

    private bool Load(DeliveryScheduler scheduler, IEnumerable<StoredMessage> messages)
    {
        foreach (var message in messages)
        {
            try
            {
                scheduler.Load(message);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // A bug; the message stays in the spool, and all other mail goes on.
                engine.Tell($"MID {message.Mid} is not taken up: {e}");
            }
        }
        return true;
    }
}
