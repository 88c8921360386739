using System.Net.Sockets;
using Postern.Admin;
using Postern.Admin.Accounts;
using Postern.Admin.Alerts;
using Postern.Admin.Auditing;
using Postern.Admin.Monitoring;
using Postern.Commands;
using Postern.Configuration;
using Postern.Delivery;
using Postern.Delivery.Acting;
using Postern.Mail;
using Postern.Reception;
using Postern.Reporting;
using Postern.Reporting.Searching;
using Postern.Routing;
using Postern.Spool;

namespace Postern.Running;

/// <summary>
/// Builds and owns every room of a running gateway. Members may be called by several threads, but for
/// <see cref="UseAsync"/> and <see cref="UseRoutes"/>, which <see cref="ConfigurationWatch"/> calls one at a time.
/// </summary>
/// <remarks>
/// Start, in the order in which each part needs the one before it: data folder, mail log (so that everything after it
/// is logged), routes (so that no mail moves by a wrong table), spool, delivery, reception, admin. What waits in the
/// spool is read beside, while mail comes in already. Stop runs the other
/// way round: no new mail first, then no new deliveries, and the log last, when there is nothing left to tell.
/// </remarks>
public sealed class Gateway : IAsyncDisposable
{
    /// <summary>How long transactions may go on after the stop before their clients are answered 421.</summary>
    public static readonly TimeSpan ReceptionStopBound = TimeSpan.FromSeconds(10);

    /// <summary>How long deliveries may go on after the stop; RFC 5321 §4.5.3.2.6 allows a host ten minutes.</summary>
    public static readonly TimeSpan DeliveryStopBound = TimeSpan.FromSeconds(30);

    private readonly MailLog log;
    private readonly LogSearch search;
    private readonly MailSpool spool;
    private readonly GatewayDns dns;
    private readonly DeliveryEngine delivery;
    private readonly string token;
    private readonly TimeProvider time;
    private readonly DateTimeOffset started;
    private readonly GatewayFigures figures;
    private readonly AccountStore accounts;
    private readonly PasswordCheck logins;
    private readonly AuditLog audit;
    private readonly MailReception reception;
    private readonly FigureSeries series;
    private readonly HealthSeries health;
    private readonly AlertWatch alerts;
    private readonly Suspensions suspensions;
    private readonly GatewayAdmin admin;
    private Task telling = Task.CompletedTask;
    private int stopped;

    private Gateway(
        PosternConfiguration configuration, SmtpRouteTable routes, MailLog log, MailSpool spool, string token,
        DrainList drained, Suspensions suspensions, TimeProvider time, Random random)
    {
        this.suspensions = suspensions;
        (Configuration, Routes, this.log, this.spool) = (configuration, routes, log, spool);
        search = new LogSearch(DataFolder.LogsIn(configuration.DataFolder), time);
        dns = new GatewayDns(time, random);
        dns.Use(configuration.HostName, configuration.Dns);
        (this.token, this.time, started) = (token, time, time.GetUtcNow());
        figures = new GatewayFigures(configuration.DataFolder, time, text => Notice("Warning", text));
        accounts = new AccountStore(DataFolder.AccountsIn(configuration.DataFolder));
        audit = new AuditLog(
            DataFolder.LogsIn(configuration.DataFolder), time, text => Notice("Critical", text));
        logins = new PasswordCheck(accounts, time, text => Notice("Warning", text)) { Audit = audit };
        // The log is last: what it tells of is counted already.
        var events = new FanOut(figures.Counters, figures.Flow, log);
        delivery = new DeliveryEngine(configuration.Delivery, routes, spool, dns, events, time, random, drained);
        reception = new MailReception(
            RoomOptions.Reception(configuration), spool, new Handover(delivery), events, time, dns.FindClientAsync);
        admin = new GatewayAdmin(Parts, configuration.DataFolder, Notice);
        series = new FigureSeries(
            figures.Counters, reception.Times, () => delivery.AskAsync(static s => s.Overview.Gauges()), time);
        health = new HealthSeries(
            () => delivery.AskAsync(static s => s.Overview.Troubled(HealthSeries.MaxHosts)), time);
        var own = new OwnMail(delivery, events, time);
        alerts = new AlertWatch(new GatewayAlerts(spool, delivery, own, Refused, () => Configuration, time).LookAsync,
            () => Configuration.Alerts, () => Configuration.HostName, own.AddAlertAsync, Notice, time);
        spool.Closed += reason => Notice(
            "Critical", $"The spool is closed: {reason}. No mail is taken or delivered until it was reopened");
        spool.SpaceChanged += (level, octets) => Notice(
            level == SpaceLevel.Enough ? "Info" : level == SpaceLevel.Low ? "Warning" : "Critical",
            RoomOptions.SpaceNotice(level, octets, Configuration.Space));
        spool.Reopened += () => Notice("Warning", "The spool was reopened; mail goes on");
    }

    /// <summary>What is in force.</summary>
    public PosternConfiguration Configuration { get; private set; }

    /// <summary>Files that were read again and are not in force.</summary>
    internal RefusedFiles Refused { get; } = new();

    /// <summary>The routes in force.</summary>
    public SmtpRouteTable Routes { get; private set; }

    /// <summary>
    /// Called when somebody has replaced the routes file whole and says so; returns when it was read, with the reason
    /// why it is not in force, or null. Set by the <see cref="ConfigurationWatch"/>; without one nothing is read again.
    /// </summary>
    internal Func<CancellationToken, Task<string?>> RoutesReplaced { get; set; } =
        static _ => Task.FromResult<string?>(null);

    /// <summary>The same for the configuration file.</summary>
    internal Func<CancellationToken, Task> ConfigurationReplaced { get; set; } = static _ => Task.CompletedTask;

    /// <summary>The mail log.</summary>
    public MailLog Log => log;

    /// <summary>The listeners with the addresses they are really bound to.</summary>
    public IReadOnlyList<ListenerStatus> Listeners => reception.Listeners;

    /// <summary>The address of the admin page; null when it could not be bound.</summary>
    public Uri? AdminAddress => admin.Address;

    /// <summary>
    /// The one-time password of the account <c>admin</c>, which this start has made and nobody was told; null: there
    /// were accounts.
    /// </summary>
    public string? FirstPassword { get; private set; }

    /// <summary>Starts everything, or nothing.</summary>
    /// <param name="configuration">Checked configuration.</param>
    /// <param name="time">The clock of all rooms.</param>
    /// <param name="random">The chance of all rooms; seeded by tests.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static async Task<GatewayStart> StartAsync(
        PosternConfiguration configuration, TimeProvider time, Random random, CancellationToken cancellationToken)
    {
        MailLog? log = null;
        Gateway? gateway = null;
        var running = false;
        try
        {
            RoutesFileStart.Prepare(configuration);
            var (routes, errors) = RoutesFileStart.Read(configuration);
            if (routes is null) return GatewayStart.Failed(errors);
            log = new MailLog(RoomOptions.Log(configuration), time);
            // Before the spool: a start that they make fail leaves no store open. Accounts that cannot be used are told
            // now, not at the first login.
            _ = new AccountStore(DataFolder.AccountsIn(configuration.DataFolder)).Read();
            var token = ApiToken.ReadOrMake(DataFolder.TokenIn(configuration.DataFolder));
            var drained = DrainList.Open(DataFolder.DrainedIn(configuration.DataFolder));
            var suspensions = Suspensions.Open(DataFolder.SuspendedIn(configuration.DataFolder));
            var spool = MailSpool.Open(RoomOptions.Spool(configuration), time);
            gateway = new Gateway(configuration, routes, log, spool, token, drained, suspensions, time, random);
            errors = await gateway.BeginAsync(cancellationToken);
            running = errors.Count == 0;
            return running ? new GatewayStart(gateway, []) : GatewayStart.Failed(errors);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SpoolException or SocketException)
        {
            return GatewayStart.Failed(e.Message);
        }
        finally
        {
            if (!running && gateway is not null) await gateway.DisposeAsync();
            else if (!running && log is not null) await log.DisposeAsync();
        }
    }

    /// <summary>Takes up a new configuration; connections and mail go on. What cannot be taken up is logged.</summary>
    public async Task UseAsync(PosternConfiguration next, SmtpRouteTable routes)
    {
        var before = Configuration;
        // The spool does not move under a running gateway.
        if (next.DataFolder != before.DataFolder)
            Notice("Warning", $"data is {before.DataFolder} until the next start, then {next.DataFolder}");
        Configuration = next = next with { DataFolder = before.DataFolder };
        log.UseOptions(RoomOptions.Log(next));
        dns.Use(next.HostName, next.Dns);
        delivery.UseOptions(next.Delivery);
        spool.UseThresholds(next.Space);
        UseRoutes(routes);
        foreach (var error in await reception.ApplyAsync(RoomOptions.Reception(next)))
            Notice("Warning", $"{error}; mail goes on at the other addresses");
        await admin.UseAsync(next.Admin);
        NoteConfiguration();
    }

    /// <summary>Takes up new routes, at once and for mail that waits, too.</summary>
    public void UseRoutes(SmtpRouteTable routes)
    {
        Routes = routes;
        delivery.UseRoutes(routes);
    }

    /// <summary>Writes a line about the gateway itself into the mail log.</summary>
    /// <param name="level">Info, Warning or Critical.</param>
    /// <param name="text">One sentence without its dot.</param>
    public void Notice(string level, string text) => log.Publish(new GatewayNotice(level, text));

    /// <summary>
    /// Ends what has begun: no new connections, transactions and deliveries in progress within their bounds, then the
    /// spool and the log. What still awaits its reply to the dot is stored as uncertain.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref stopped, 1) != 0) return;
        Notice("Info", "Postern is stopping");
        admin.BeginStop();
        await reception.StopAsync(ReceptionStopBound);
        await delivery.StopAsync(DeliveryStopBound);
        await admin.DisposeAsync();
        await reception.DisposeAsync();
        await delivery.DisposeAsync();
        await telling;
        await alerts.DisposeAsync();
        series.Dispose();
        health.Dispose();
        figures.Dispose();
        search.Dispose();
        logins.Dispose();
        suspensions.Dispose();
        await spool.DisposeAsync();
        Notice("Info", "Postern has stopped");
        await log.DisposeAsync();
    }

    private async Task<IReadOnlyList<string>> BeginAsync(CancellationToken cancellationToken)
    {
        Notice("Info", $"Postern {ProgramVersion.Text} starts as {Configuration.HostName} with {Routes.Count} routes");
        suspensions.Begin(delivery, reception);
        delivery.Start();
        telling = TellDamageAsync();
        var errors = await reception.StartAsync(suspensions.Report.Listeners);
        if (errors.Count > 0) return errors;
        await admin.StartAsync(Configuration.Admin, cancellationToken);
        NoteConfiguration();
        // Last, so that no password is made that a start which fails does not tell.
        FirstPassword = accounts.MakeFirst();
        return [];
    }

    // Only commands ask for it, so that mail goes on without it.
    private void NoteConfiguration()
    {
        try
        {
            UsedConfiguration.Note(Configuration);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Notice("Warning", $"It is not noted which configuration is in force: {e.Message}");
        }
    }

    // The queue is read beside the mail that comes in.
    private async Task TellDamageAsync()
    {
        await delivery.Recovered.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var damaged in spool.Damaged)
        {
            Notice("Critical", $"MID {damaged.Mid} is damaged and not delivered: {damaged.Reason}. "
                + "'postern spool verify' tells what is affected, 'postern spool repair' on the stopped gateway makes "
                + "the store anew from what can be read");
        }
    }

    private AdminParts Parts() => new()
    {
        Readiness = Readiness,
        Delivery = delivery,
        Routes = () => Routes,
        Profiles = () => RoutesReading.Profiles(Configuration),
        TakeRoutes = cancel => RoutesReplaced(cancel),
        Edits = new RouteEdits(this, time),
        ProfileEdits = new ProfileEdits(this, time),
        OpenBody = spool.OpenBody,
        CountSpool = spool.Count,
        VerifySpool = spool.Verify,
        FlushDns = dns.Flush,
        Suspensions = suspensions,
        Watch = filter => log.Subscribe(filter: filter),
        Tokens = new TokenStore(DataFolder.TokensIn(Configuration.DataFolder), time),
        Counters = figures.Counters,
        Rates = figures.Rates,
        Series = series,
        Health = health,
        Alerts = () => alerts.Now,
        Log = search,
        Facts = () => new GatewayFacts(Configuration.HostName, ProgramVersion.Text, started, reception.Connections,
            DataFolder.FreeOctets(Configuration.DataFolder)),
        Time = time,
        Token = token,
        Accounts = accounts,
        Logins = logins,
        Totp = () => Configuration.Admin.Totp,
        Tell = text => Notice("Warning", text),
        Audit = audit,
        Monitoring = figures.For(
            spool, reception, log, Configuration.DataFolder, () => Configuration.Admin.MetricsFrom),
    };

    private Readiness Readiness() => new(
        spool.IsOpen, Volatile.Read(ref stopped) == 0 && reception.Listeners.All(l => l.IsBound || l.IsSuspended),
        spool.HasRoomFor(0));

    private sealed class Handover(DeliveryEngine delivery) : IAcceptedMail
    {
        public Task RoomAsync() => delivery.RoomAsync();

        public void Accepted(StoredMessage message) => delivery.Accepted(message);
    }
}
