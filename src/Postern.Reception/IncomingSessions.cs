using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Postern.Mail;
using Postern.Reporting;
using Postern.Smtp.Server;
using Postern.Smtp.Transport;
using Postern.Spool;

namespace Postern.Reception;

/// <summary>Runs a session for each accepted socket, from its admission to its close. Thread-safe.</summary>
internal sealed class IncomingSessions(
    ReceptionOptions options, MailSpool spool, IAcceptedMail delivery, IMailEventSink events, TimeProvider time,
    ReverseLookup? reverseLookup, ReceptionTimes times) : IDisposable
{
    /// <summary>How long a connection may take to send its last octets once its session has ended.</summary>
    private static readonly TimeSpan CloseBound = TimeSpan.FromSeconds(5);

    private readonly SocketTransport _transport = new();
    private readonly ConnectionLimits _limits = new();
    private readonly ConcurrentDictionary<SmtpServerSession, TaskCompletionSource> _sessions = new();
    private readonly CancellationTokenSource _cut = new();
    private volatile ReceptionOptions _options = options;
    private volatile bool _stopping;

    /// <summary>What new sessions are told.</summary>
    public ReceptionOptions Options
    {
        get => _options;
        set => _options = value;
    }

    /// <summary>Connections now.</summary>
    public int Count => _limits.Total;

    /// <summary>Takes over an accepted socket; returns at once.</summary>
    public void Begin(Socket socket, ListenerOptions listener) => _ = ServeAsync(socket, listener);

    /// <summary>Ends all sessions: those in a transaction get <paramref name="bound"/> to end it.</summary>
    public async Task StopAsync(TimeSpan bound)
    {
        _stopping = true;
        foreach (var session in _sessions.Keys) session.RequestStop(now: false);
        await WaitForAllAsync(bound).ConfigureAwait(false);
        foreach (var session in _sessions.Keys) session.RequestStop(now: true);
        await _cut.CancelAsync().ConfigureAwait(false);
        await WaitForAllAsync(CloseBound).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _transport.Dispose();
        _cut.Dispose();
    }

    private async Task WaitForAllAsync(TimeSpan bound)
    {
        try
        {
            var all = Task.WhenAll(_sessions.Values.Select(session => session.Task));
            await all.WaitAsync(bound, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The caller goes on in a harder way.
            return;
        }
    }

    private async Task ServeAsync(Socket socket, ListenerOptions listener)
    {
        // The accept loop goes on; the session runs elsewhere.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var local = AddressOf(socket.LocalEndPoint);
            var client = AddressOf(socket.RemoteEndPoint);
            var connection = _transport.Connect(socket);
            try
            {
                await AdmitAsync(connection, listener, local, client).ConfigureAwait(false);
            }
            finally
            {
                await CloseAsync(connection).ConfigureAwait(false);
            }
        }
        catch (Exception failed) when (failed is SocketException or ObjectDisposedException)
        {
            // The client was gone before it could be asked for its address: nothing happened that anyone would look
            // for.
            socket.Dispose();
        }
        catch (Exception failed)
        {
            // what breaks one session is told and disturbs no other.
            events.Publish(new GatewayNotice("Critical", $"a session of listener {listener.Name} failed: {failed}"));
        }
    }

    private async Task AdmitAsync(
        ConnectionContext connection, ListenerOptions listener, IPAddress local, IPAddress client)
    {
        var settings = _options;
        var network = listener.RelayFrom.Match(client);
        Icid icid;
        try
        {
            icid = spool.NextIcid();
        }
        catch (SpoolException failed)
        {
            events.Publish(new GatewayNotice("Warning", $"a connection from {client} was refused: {failed.Message}"));
            await RefuseAsync(connection, Replies.Unavailable).ConfigureAwait(false);
            return;
        }

        var log = new SessionLog(events, icid, listener.Name, local, client, network is not null
            ? new SenderGroupMatched(icid, Relay: true, "relay_from", network)
            : new SenderGroupMatched(icid, Relay: false, "accept_for", "ALL"));
        var refusal = _stopping ? Replies.ShuttingDown : _limits.Enter(client, network is not null, settings);
        if (refusal is not null)
        {
            log.Publish(new IncomingProblem(icid, $"answered {refusal}"));
            log.Publish(new IncomingClosed(icid));
            await RefuseAsync(connection, refusal).ConfigureAwait(false);
            return;
        }

        try
        {
            var policy = new SessionPolicy(settings, listener, client, network is not null);
            await RunAsync(connection, policy, log).ConfigureAwait(false);
        }
        finally
        {
            _limits.Leave(client);
            log.Publish(new IncomingClosed(icid));
        }
    }

    private async Task RunAsync(ConnectionContext connection, SessionPolicy policy, SessionLog log)
    {
        var receiver = new MailReceiver(policy, log, spool, delivery, time, times);
        using var session = new SmtpServerSession(connection.Transport, policy.Options.Smtp, receiver, time);
        using var lookup = new CancellationTokenSource();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _sessions[session] = ended;
        try
        {
            // Either the stop sees the session, or the session sees the stop.
            if (_stopping) session.RequestStop(now: false);
            var lookingUp = LookUpAsync(policy.Client, log, lookup.Token);
            await session.RunAsync(_cut.Token).ConfigureAwait(false);
            await lookup.CancelAsync().ConfigureAwait(false);
            await lookingUp.ConfigureAwait(false);
        }
        finally
        {
            _sessions.TryRemove(session, out _);
            ended.SetResult();
        }
    }

    private async Task LookUpAsync(IPAddress client, SessionLog log, CancellationToken cancellationToken)
    {
        if (reverseLookup is null)
        {
            log.NameFound(null, verified: false);
            return;
        }

        try
        {
            var (name, verified) = await reverseLookup(client, cancellationToken).ConfigureAwait(false);
            log.NameFound(name, verified);
        }
        catch (OperationCanceledException)
        {
            // The session ended first and has told of the connection itself.
            return;
        }
    }

    // V11: no session is made for a client that is refused.
    private static async Task RefuseAsync(ConnectionContext connection, ServerReply reply)
    {
        connection.Transport.Output.Write(reply.Wire);
        await connection.Transport.Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private async Task CloseAsync(ConnectionContext connection)
    {
        var closing = connection.DisposeAsync().AsTask();
        try
        {
            await closing.WaitAsync(CloseBound, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // D6: a client that does not take its last octets does not keep the connection.
            connection.Abort();
            await closing.ConfigureAwait(false);
        }
    }

    private static IPAddress AddressOf(EndPoint? endPoint)
    {
        var address = ((IPEndPoint?)endPoint)?.Address ?? throw new SocketException((int)SocketError.NotConnected);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}
