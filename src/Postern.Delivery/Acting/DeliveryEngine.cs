using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Postern.Delivery.Acting;
using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Delivery.Scheduling;
using Postern.Mail;
using Postern.Routing;
using Postern.Smtp.Client;
using Postern.Spool;

namespace Postern.Delivery;

/// <summary>
/// Delivers what the spool holds: runs a <see cref="DeliveryScheduler"/> on one loop and acts for it. Owned by the
/// program; members may be called by several threads at once.
/// </summary>
public sealed class DeliveryEngine : IAsyncDisposable, IDeliveryActions
{
    private static readonly TimeSpan CutBound = TimeSpan.FromSeconds(10);
    // Enough to fill every commit, and so few that what expired in the meantime does not fill the memory at a start.
    private const int MostCommits = 2000;
    private static readonly TimeSpan QuitBound = TimeSpan.FromSeconds(2);

    // Unbounded: every event is the end of something that is bounded itself (connections, commits, look-ups, messages
    // that reception has committed), and an event that is refused would be an outcome that is lost.
    private readonly Channel<Action<DeliveryScheduler>> _events = Channel.CreateUnbounded<Action<DeliveryScheduler>>(
        new UnboundedChannelOptions { SingleReader = true });
    // What was asked by those who list and change the queue, and waits for a pause of mail. For the loop.
    private readonly Queue<Action<DeliveryScheduler>> _questions = new();
    private readonly ConcurrentDictionary<DeliveryConnection, ConnectionWorker> _workers = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _quiet = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DeliveryScheduler _scheduler;
    private readonly INextHopResolver _resolver;
    private readonly HopLookup _lookup;
    private readonly IMailEventSink _sink;
    private readonly ReportWriter _reports;
    private readonly DrainList? _drained;
    // The last commit of each message of which the scheduler has not heard. For its thread.
    private readonly Dictionary<Mid, (Settlement Settlement, Task Ended)> _lastCommits = [];
    private readonly ITimer _timer;
    private readonly Intake _intake = new();
    private DeliveryOptions _options;
    private SmtpClientOptions _clientOptions;
    private Task _loop = Task.CompletedTask;
    private DateTimeOffset? _armed;
    private volatile bool _isClosing;
    private int _commits;

    /// <summary>Makes an engine that does nothing until <see cref="Start"/>.</summary>
    public DeliveryEngine(
        DeliveryOptions options, SmtpRouteTable routes, MailSpool spool, INextHopResolver resolver,
        IMailEventSink events, TimeProvider time, Random random, DrainList? drained = null)
    {
        _options = options;
        _clientOptions = ClientOptions.Of(options);
        _resolver = resolver;
        _lookup = new HopLookup(resolver, Post, _stopped.Token);
        _sink = events;
        (Spool, Time, Stopped) = (spool, time, _stopped.Token);
        _reports = new ReportWriter(spool, time, events);
        _scheduler = new DeliveryScheduler(options, routes, this, time, random);
        _drained = drained;
        Compaction = new HeapCompaction(time, HeapCompaction.Compact);
        _timer = time.CreateTimer(_ => Post(Fired), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The store.</summary>
    internal MailSpool Spool { get; }

    /// <summary>The scheduler hears of nothing any more.</summary>
    internal CancellationToken Stopped { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; }

    /// <summary>Gives back memory. For the scheduler's loop.</summary>
    internal HeapCompaction Compaction { get; }

    /// <summary>
    /// Ends when everything that the spool held at the start is taken up; mail comes in and goes out before.
    /// </summary>
    public Task Recovered { get; private set; } = Task.CompletedTask;

    /// <inheritdoc/>
    public bool IsBehind => Volatile.Read(ref _commits) >= MostCommits;

    /// <summary>Begins, and takes up what is in the spool beside.</summary>
    public void Start()
    {
        if (_drained is not null) _scheduler.UseDrained(_drained.Entries);
        Spool.Closed += OnSpoolClosed;
        Spool.Reopened += OnSpoolReopened;
        _loop = Task.Run(RunAsync);
        // MIDs grow: what is behind this one comes in from now on, and is told by Accepted.
        var last = Spool.LastMid;
        Recovered = Task.Run(() => new Recovery(this, last).RunAsync(_stopping.Token));
    }

    /// <summary>Ends when the scheduler is not too far behind what was committed.</summary>
    public Task RoomAsync() => _intake.RoomAsync();

    /// <summary>A message was committed by Reception and is this engine's from now on.</summary>
    public void Accepted(StoredMessage message)
    {
        _intake.Add(message.Recipients.Count);
        Post(s =>
        {
            _intake.Take(message.Recipients.Count);
            s.Accepted(message);
        });
    }

    /// <summary>New routes; in force at once, also for mail that waits.</summary>
    public void UseRoutes(SmtpRouteTable routes) => Post(s => s.UseRoutes(routes));

    /// <summary>New options; in force at once for what begins from now on.</summary>
    public void UseOptions(DeliveryOptions options) => Post(s =>
    {
        _options = options;
        _clientOptions = ClientOptions.Of(options);
        s.UseOptions(options);
    });

    /// <summary>
    /// Asks the scheduler on its own loop, behind all that was handed to it before. Between two questions mail has its
    /// turn, whoever asks. The question must be short: mail waits for it.
    /// </summary>
    /// <exception cref="OperationCanceledException">The engine has stopped.</exception>
    public async Task<T> AskAsync<T>(Func<DeliveryScheduler, T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Answer(DeliveryScheduler scheduler)
        {
            try
            {
                answer.SetResult(question(scheduler));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                answer.SetException(e);
            }
        }
        var isPosted = _events.Writer.TryWrite(_ => _questions.Enqueue(Answer));
        if (!isPosted) throw new OperationCanceledException("the gateway stops");
        return await answer.Task.ConfigureAwait(false);
    }

    /// <summary>Which way an address takes now; DNS is asked where no mail has asked it yet.</summary>
    public async Task<AddressReport> ExplainAsync(Mailbox mailbox, CancellationToken cancellationToken)
    {
        var found = await AskAsync(s => s.Explainer.NeedsDns(mailbox)).ConfigureAwait(false)
            ? await _lookup.FindAsync(mailbox.Domain, mailbox.ReceivingDomain,
                _options.ControlOf(mailbox.ReceivingDomain).IpPreference, cancellationToken).ConfigureAwait(false)
            : null;
        return await AskAsync(s => s.Explainer.Explain(mailbox, found)).ConfigureAwait(false);
    }

    /// <summary>Which way mail flows, with so many routes one by one; mail has its turn again and again.</summary>
    public async Task<FlowReport> FlowAsync(int routes)
    {
        var survey = await AskAsync(s => s.Flow.Begin(routes)).ConfigureAwait(false);
        while (true) if (await AskAsync(_ => survey.Go()).ConfigureAwait(false) is { } flow) return flow;
    }

    /// <summary>What is known of a host or a receiving domain.</summary>
    /// <returns>Null: an address that no mail was led to since the start.</returns>
    public async Task<HostStatus?> StatusOfAsync(HostSelector selector, CancellationToken cancellationToken)
    {
        var way = await WayOfAsync(selector, cancellationToken).ConfigureAwait(false);
        var status = await AskAsync(s => s.Overview.Status(selector, way)).ConfigureAwait(false);
        return status is { Hosts.Count: 0, Domain: null } ? null : status;
    }

    // A name is told as a receiving domain where mail is addressed to it, or where it is nothing else.
    private async Task<AddressReport?> WayOfAsync(HostSelector selector, CancellationToken cancellationToken)
    {
        if (selector.Port is not null || !Domain.TryParse(selector.Host, out var domain)) return null;
        var isDomain = await AskAsync(s => s.Overview.IsAddressed(domain.Name)
            || s.Overview.Hosts(selector).Count == 0).ConfigureAwait(false);
        return isDomain
            ? await ExplainAsync(Mailbox.Parse($"postmaster@{domain.Name}"), cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>What an operator has suspended, all of it, from now on; what is under way ends.</summary>
    public void UseSuspended(SuspendedDelivery suspended) => Post(s => s.UseSuspended(suspended));

    /// <summary>
    /// Takes hosts out by hand, over restarts too: no new mail for them, messages on them end, idle connections close.
    /// </summary>
    /// <returns>False: they are out already.</returns>
    /// <exception cref="IOException">It cannot be made durable; nothing has changed.</exception>
    public bool Drain(HostSelector selector) => Drains.Add(selector, UseDrained);

    /// <summary>Puts drained hosts back; what is held for want of them goes on.</summary>
    /// <returns>False: none of them was drained under this name and port.</returns>
    /// <exception cref="IOException">It cannot be made durable; nothing has changed.</exception>
    public bool Undrain(HostSelector selector) => Drains.Remove(selector, UseDrained);

    private DrainList Drains => _drained ?? throw new InvalidOperationException("this engine keeps no drain list");

    private void UseDrained(IReadOnlySet<HostSelector> drained) => Post(s => s.UseDrained(drained));

    /// <summary>
    /// Begins nothing new, lets deliveries in progress end within <paramref name="bound"/>, then cuts them; what still
    /// awaits its reply to the dot is stored as uncertain.
    /// </summary>
    public async Task StopAsync(TimeSpan bound)
    {
        Spool.Closed -= OnSpoolClosed;
        Spool.Reopened -= OnSpoolReopened;
        await _stopping.CancelAsync().ConfigureAwait(false);
        Post(static s => s.BeginStop());
        if (!await EndsWithinAsync(_quiet.Task, bound).ConfigureAwait(false))
        {
            foreach (var worker in _workers.Values) worker.Cut();
            await EndsWithinAsync(_quiet.Task, CutBound).ConfigureAwait(false);
        }
        _isClosing = true;
        if (_workers.IsEmpty) _allEnded.TrySetResult();
        await EndsWithinAsync(_allEnded.Task, QuitBound).ConfigureAwait(false);
        _events.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        await _stopped.CancelAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _events.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        await Recovered.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var worker in _workers.Values) worker.Cut();
        await _timer.DisposeAsync().ConfigureAwait(false);
        _stopped.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Hands an event to the scheduler's loop.</summary>
    internal void Post(Action<DeliveryScheduler> action) => _events.Writer.TryWrite(action);

    /// <summary>A worker has ended.</summary>
    internal void Ended(ConnectionWorker worker)
    {
        _workers.TryRemove(worker.Connection, out _);
        Post(s => s.ConnectionEnded(worker.Connection));
        if (_isClosing && _workers.IsEmpty) _allEnded.TrySetResult();
    }

    Dcid IDeliveryActions.NextDcid() => Spool.NextDcid();

    void IDeliveryActions.Open(DeliveryConnection connection)
    {
        var worker = new ConnectionWorker(
            this, connection, _clientOptions, SecurityTerms.Of(connection, _options));
        _workers[connection] = worker;
        _ = Task.Run(worker.OpenAsync);
    }

    void IDeliveryActions.Transmit(DeliveryConnection connection, DeliveryJob job)
    {
        var worker = _workers[connection];
        ThreadPool.UnsafeQueueUserWorkItem(
            static work => _ = work.worker.SendAsync(work.job), (worker, job), preferLocal: false);
    }

    bool IDeliveryActions.HasEnded(DeliveryConnection idle) =>
        !_workers.TryGetValue(idle, out var worker) || worker.HasEnded;

    void IDeliveryActions.Close(DeliveryConnection connection)
    {
        if (_workers.TryGetValue(connection, out var worker)) _ = Task.Run(worker.CloseAsync);
    }

    void IDeliveryActions.Commit(Settlement settlement)
    {
        var mid = settlement.Message.Mid;
        _lastCommits[mid] = (settlement, CommitAsync(settlement, _lastCommits.GetValueOrDefault(mid).Ended));
    }

    void IDeliveryActions.Resolve(PlanEntry entry) =>
        _lookup.Begin(entry, _options.DefaultDestination.IpPreference);

    void IDeliveryActions.Resolve(DomainQueue queue, RoutePlan plan) =>
        _lookup.Begin(queue, plan, _options.ControlOf(queue.Name).IpPreference);

    StoredRead IDeliveryActions.Read(Mid mid, IReadOnlyCollection<Rid> rids)
    {
        try
        {
            var stored = Spool.ReadMessage(mid, rids);
            return new(stored, stored is null ? "its record is not there" : null);
        }
        catch (SpoolException e)
        {
            return new(null, Spool.IsOpen ? e.Message : null);
        }
    }

    bool IDeliveryActions.MayDeliverTo(IPAddress address) => _resolver.MayDeliverTo(address);

    void IDeliveryActions.Publish(MailEvent mailEvent) => _sink.Publish(mailEvent);

    // What became of one message is told in the order in which it was decided, so that its end is the last of it.
    private async Task CommitAsync(Settlement settlement, Task? before)
    {
        Interlocked.Increment(ref _commits);
        Action<DeliveryScheduler> ended;
        try
        {
            await _reports.CommitAsync(settlement, _options.HostName).ConfigureAwait(false);
            ended = s =>
            {
                s.Settled(settlement);
                _reports.Settled(settlement);
            };
        }
        // The recipients stay in the spool as they were; the next start takes them up, whatever becomes of the others.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Tell($"an outcome of MID {settlement.Message.Mid} is not stored: {e.Message}");
            ended = _ => settlement.Otherwise(e);
        }
        if (before is not null) await before.ConfigureAwait(false);
        Interlocked.Decrement(ref _commits);
        Post(s =>
        {
            var mid = settlement.Message.Mid;
            if (ReferenceEquals(_lastCommits.GetValueOrDefault(mid).Settlement, settlement)) _lastCommits.Remove(mid);
            ended(s);
        });
    }

    // What was asked is answered, and what was decided is durable and told, unless the store waits for a disk.
    private bool IsQuiet => _scheduler.IsQuiet && _questions.Count == 0 && (_lastCommits.Count == 0 || !Spool.IsOpen);

    private async Task RunAsync()
    {
        const int Burst = 256;
        var reader = _events.Reader;
        while (_questions.Count > 0 || await reader.WaitToReadAsync().ConfigureAwait(false))
        {
            for (var i = 0; i < Burst && reader.TryRead(out var action); i++) Do(action);
            Do(static s => s.Pump());
            if (_questions.TryDequeue(out var question))
            {
                Do(question);
                Do(static s => s.Pump());
            }
            Compaction.Run(_scheduler.Rested);
            if (_scheduler.IsStopping && IsQuiet) _quiet.TrySetResult();
            Arm();
        }
    }

    // A fault in the scheduler is a bug; the mail it is about stays in the spool, and all other mail goes on.
    private void Do(Action<DeliveryScheduler> action)
    {
        try
        {
            action(_scheduler);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Tell($"internal error in delivery: {e}");
        }
    }

    /// <summary>Writes into the log what somebody has to see to.</summary>
    internal void Tell(string text) => _sink.Publish(new GatewayNotice("Critical", text));

    // The timer is spent, and may have fired a little early: it is armed again whatever comes next.
    private void Fired(DeliveryScheduler scheduler)
    {
        _armed = null;
        scheduler.Tick();
    }

    private void Arm()
    {
        var wake = _scheduler.NextWake;
        if (Compaction.Due is { } due && !(wake <= due)) wake = due;
        if (wake == _armed && wake is not null && wake > Time.GetUtcNow()) return;
        _armed = wake;
        if (wake is null)
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }
        var wait = wake.Value - Time.GetUtcNow();
        var longest = TimeSpan.FromHours(1);
        _timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > longest ? longest : wait, Timeout.InfiniteTimeSpan);
    }

    private async Task<bool> EndsWithinAsync(Task task, TimeSpan bound)
    {
        await task.WaitAsync(bound, Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return task.IsCompleted;
    }

    private void OnSpoolClosed(string reason) => Post(static s => s.IsSuspended = true);

    private void OnSpoolReopened() => Post(static s => s.IsSuspended = false);
}
