using Postern.Mail;
using Postern.Reporting;
using Postern.Spool;

namespace Postern.Reception;

/// <summary>
/// The way in: listeners, their sessions, and what they accept. Owned by the program; every member may be called by
/// several threads.
/// </summary>
public sealed class MailReception : IAsyncDisposable
{
    private readonly ListenerSet _listeners;
    private readonly IncomingSessions _sessions;

    /// <summary>Makes a reception that listens from <see cref="StartAsync"/> on.</summary>
    /// <param name="options">What configuration says.</param>
    /// <param name="spool">Where mail is kept; outlives this.</param>
    /// <param name="delivery">Takes over what was committed.</param>
    /// <param name="events">Takes what happens.</param>
    /// <param name="time">The clock.</param>
    /// <param name="reverseLookup">Finds names of clients; null: all are unknown.</param>
    public MailReception(
        ReceptionOptions options, MailSpool spool, IAcceptedMail delivery, IMailEventSink events, TimeProvider time,
        ReverseLookup? reverseLookup = null)
    {
        _sessions = new IncomingSessions(options, spool, delivery, events, time, reverseLookup, Times);
        _listeners = new ListenerSet(
            _sessions.Begin, text => events.Publish(new GatewayNotice("Warning", text)), time);
    }

    /// <summary>The listeners as they are now.</summary>
    public IReadOnlyList<ListenerStatus> Listeners => _listeners.Status;

    /// <summary>How long clients waited for their 250, since this was made.</summary>
    public ReceptionTimes Times { get; } = new();

    /// <summary>Incoming connections now.</summary>
    public int Connections => _sessions.Count;

    /// <summary>Binds the listeners.</summary>
    /// <param name="suspended">Names of listeners that stay closed until they are resumed.</param>
    /// <returns>An error for each address that cannot be bound; the others listen.</returns>
    public Task<IReadOnlyList<string>> StartAsync(params IReadOnlyCollection<string> suspended) =>
        _listeners.ApplyAsync(_sessions.Options.Listeners, suspended);

    /// <summary>
    /// Takes up new options: listeners that are new are bound, those that are gone are closed, connections stay. New
    /// sessions have the new options.
    /// </summary>
    /// <returns>
    /// An error for each address that cannot be bound; a listener whose new address fails keeps its old one.
    /// </returns>
    public Task<IReadOnlyList<string>> ApplyAsync(ReceptionOptions options)
    {
        _sessions.Options = options;
        return _listeners.ApplyAsync(options.Listeners);
    }

    /// <summary>Closes the address of a listener; its connections go on.</summary>
    /// <returns>False: there is no such listener.</returns>
    public Task<bool> SuspendAsync(string name) => _listeners.SuspendAsync(name);

    /// <summary>Binds the address of a suspended listener again.</summary>
    /// <returns>Null, or why not.</returns>
    public Task<string?> ResumeAsync(string name) => _listeners.ResumeAsync(name);

    /// <summary>
    /// Accepts no more connections and ends the sessions with 421 4.3.2: those without a transaction at once, the
    /// others when it is over or <paramref name="bound"/> has passed. A commit that has begun ends and is answered.
    /// </summary>
    public async Task StopAsync(TimeSpan bound)
    {
        await _listeners.CloseAsync().ConfigureAwait(false);
        await _sessions.StopAsync(bound).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero).ConfigureAwait(false);
        _listeners.Dispose();
        _sessions.Dispose();
    }
}
