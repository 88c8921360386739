using System.Net;
using Postern.Delivery.Queueing;
using Postern.Delivery.Scheduling;
using Postern.Mail;
using Postern.Smtp.Client;
using Postern.Spool;

namespace Postern.Delivery.Acting;

/// <summary>
/// The acting side of one <see cref="DeliveryConnection"/>: opens it, sends on it, closes it. The scheduler asks for
/// one thing at a time; every end is posted back to it. Owned by the engine.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification =
    "The token source has no timer and no handle, and it may be cancelled when the connection has just ended.")]
internal sealed class ConnectionWorker(
    DeliveryEngine engine, DeliveryConnection connection, SmtpClientOptions options, SessionSecurity security)
{
    private readonly CancellationTokenSource _cut = new();
    private SmtpClientSession? _session;
    private int _phase;

    private const int Open = 1, Closed = 2;

    /// <summary>The connection.</summary>
    public DeliveryConnection Connection { get; } = connection;

    /// <summary>The host closed the connection, or spoke, unasked. Only between messages.</summary>
    public bool HasEnded => !_session!.IsUsable || _session.HostSpoke;

    /// <summary>Connects and opens the session, with TLS and credentials as its access says.</summary>
    public async Task OpenAsync()
    {
        try
        {
            var destination = new IPEndPoint(Connection.Host.Address!, Connection.Host.Key.Port);
            var (session, fault) = await SmtpClientSession.ConnectAsync(
                destination, Connection.Access.Source, options, engine.Time, Connection.Pulse, _cut.Token)
                .ConfigureAwait(false);
            if (session is null)
            {
                var source = SmtpClientSession.SourceTowards(destination, Connection.Access.Source);
                engine.Post(s => s.ConnectFailed(Connection, source, fault!));
                engine.Ended(this);
                return;
            }
            _session = session;
            engine.Post(s => s.Connected(Connection, session.LocalAddress));
            var opening = await session.OpenAsync(security, _cut.Token).ConfigureAwait(false);
            if (session.Tls is { } tls) engine.Post(s => s.Secured(Connection, tls));
            if (opening.IsReady && Interlocked.CompareExchange(ref _phase, Open, 0) == 0)
            {
                engine.Post(s => s.SessionReady(Connection, session.Extensions));
                return;
            }
            if (!opening.IsReady) engine.Post(s => s.SessionFailed(Connection, opening));
        }
        catch (OperationCanceledException)
        {
            // The scheduler closed the connection and has forgotten it.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A bug: told like a lost connection, so that the message goes on and the place of this one is free again.
            var fault = new SmtpFault(SmtpStage.Connect, SmtpFaultKind.Lost, $"internal error: {e.Message}");
            engine.Post(s => s.SessionFailed(Connection, new SessionOpening(SmtpStage.Connect, null, fault)));
        }
        await EndAsync(quit: false).ConfigureAwait(false);
    }

    /// <summary>Offers a message and reports how it went.</summary>
    public async Task SendAsync(DeliveryJob job)
    {
        TransactionReport report;
        try
        {
            if (job.Reason == WaitReason.Content) ReadThrough(job.Message.Mid);
            using var content = new SpoolContent(engine.Spool.OpenBody(job.Message.Mid));
            report = await _session!.SendAsync(job.ToTransaction(() => content), _cut.Token).ConfigureAwait(false);
        }
        catch (SpoolException e)
        {
            report = NotSent(job, e.Message);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A bug: the mail is held, and what happened is told; never a bounce on doubt.
            await _session!.DisposeAsync().ConfigureAwait(false);
            report = NotSent(job, $"internal error: {e}") with { IsUsable = false };
        }
        engine.Post(s => s.TransactionEnded(Connection, report));
    }

    // What could not be read once is read before the host hears of it, so that no DATA is cut off twice.
    private void ReadThrough(Mid mid)
    {
        using var content = engine.Spool.OpenBody(mid);
        while (!content.ReadNext().IsEmpty)
        {
            // Its pieces are read for what may be wrong with them.
        }
    }

    private static TransactionReport NotSent(DeliveryJob job, string error) =>
        new() { Recipients = new SmtpReply?[job.Recipients.Count], ContentError = error, IsUsable = true };

    /// <summary>Ends what is under way; a transaction reports what it knows.</summary>
    public void Cut() => _cut.Cancel();

    /// <summary>Closes the connection, politely where it is usable.</summary>
    public async Task CloseAsync()
    {
        // While it is being opened it belongs to OpenAsync, which ends it.
        if (Interlocked.Exchange(ref _phase, Closed) != Open) await _cut.CancelAsync().ConfigureAwait(false);
        else await EndAsync(quit: _session!.IsUsable).ConfigureAwait(false);
    }

    private async Task EndAsync(bool quit)
    {
        if (_session is { } session)
        {
            if (quit) await session.QuitAsync().ConfigureAwait(false);
            await session.DisposeAsync().ConfigureAwait(false);
        }
        engine.Ended(this);
    }
}
