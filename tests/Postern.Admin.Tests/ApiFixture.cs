using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Time.Testing;
using Postern.Admin.Accounts;
using Postern.Admin.Alerts;
using Postern.Admin.Auditing;
using Postern.Admin.Monitoring;
using Postern.Delivery;
using Postern.Delivery.Acting;
using Postern.Mail;
using Postern.Reporting;
using Postern.Reporting.Searching;
using Postern.Routing;
using Postern.Spool;

namespace Postern.Admin.Tests;

/// <summary>The admin web host on a free port, with a spool on disk and a delivery that knows no DNS.</summary>
internal sealed class ApiFixture : IAsyncDisposable, INextHopResolver, IMailEventSink, ISuspensions,
    IRouteEdits, IProfileEdits
{
    public static readonly string Token = new('5', 64);

    private readonly string folder = Directory.CreateTempSubdirectory("postern-api-").FullName;
    private readonly MailSpool spool;
    private readonly MailCounters counters = new();
    private readonly MailRates rates;
    private readonly FigureSeries series;
    private readonly HealthSeries health;
    private readonly MailLog log;
    private readonly PasswordCheck logins;
    private readonly LifetimeCounters lifetime;
    private readonly ProcessLoad load = new(TimeProvider.System);
    private readonly FlowCounters flow = new();
    private readonly LogSearch search;
    private readonly ConcurrentDictionary<Mid, TaskCompletionSource> held = new();
    private AdminHost? host;

    public ApiFixture(string routes)
    {
        var load = SmtpRoutesFile.Parse(routes);
        Assert.Empty(load.Errors);
        Routes = load.Table!;
        rates = new MailRates(counters, TimeProvider.System);
        Audit = new AuditLog(LogFolder, TimeProvider.System, Told.Add);
        Accounts = new AccountStore(Path.Combine(folder, "accounts"));
        logins = new PasswordCheck(Accounts, Time, Told.Add) { Audit = Audit };
        File.WriteAllText(Path.Combine(folder, "counters"), "inj_recips 1000\n");
        File.WriteAllText(Path.Combine(folder, "mail.log"), string.Concat(Logged.Select(line => line + "\n")));
        search = new LogSearch(folder, TimeProvider.System);
        lifetime = new LifetimeCounters(
            Path.Combine(folder, "counters"), counters, TimeProvider.System, static _ => { });
        spool = MailSpool.Open(new SpoolOptions(Path.Combine(folder, "spool")), TimeProvider.System);
        Delivery = new DeliveryEngine(new DeliveryOptions { HostName = "gw.example" }, Routes, spool, this, this,
            TimeProvider.System, new Random(1), DrainList.Open(DrainedFile));
        Delivery.Start();
        log = new MailLog(new MailLogOptions { Folder = Path.Combine(folder, "live") }, TimeProvider.System);
        health = new HealthSeries(
            () => Delivery.AskAsync(static s => s.Overview.Troubled(HealthSeries.MaxHosts)), TimeProvider.System);
        series = new FigureSeries(
            counters, Times, () => Delivery.AskAsync(static s => s.Overview.Gauges()), TimeProvider.System);
    }

    /// <summary>What the mail log has told.</summary>
    public static IReadOnlyList<string> Logged { get; } =
    [
        "Thu Jul  3 09:15:07 2014 Info: New SMTP ICID 5 interface incoming (127.0.0.1) address 10.0.0.1 "
            + "reverse dns host unknown verified no",
        "Thu Jul  3 09:15:07 2014 Info: Start MID 6 ICID 5",
        "Thu Jul  3 09:15:07 2014 Info: MID 6 ICID 5 From: <alice@src.example>",
        "Thu Jul  3 09:15:07 2014 Info: MID 6 ICID 5 RID 0 To: <bob@example.com>",
        @"Thu Jul  3 09:15:08 2014 Info: MID 6 Subject ""hello\n\x1B[2J""",
        "Thu Jul  3 09:15:08 2014 Info: New SMTP DCID 300 interface 127.0.0.1 address 10.0.0.1 port 25",
        "Thu Jul  3 09:15:08 2014 Info: Delivery start DCID 300 MID 6 to RID [0]",
        "Thu Jul  3 09:15:08 2014 Info: Message finished MID 6 done",
        "Thu Jul  3 09:15:08 2014 Info: MID 1 queued for delivery",
    ];

    public SmtpRouteTable Routes { get; }
    public DeliveryEngine Delivery { get; }
    public Readiness Readiness { get; set; } = new(SpoolOpen: true, ListenersBound: true, HasRoom: true);
    public string DrainedFile => Path.Combine(folder, "drained");
    public AccountStore Accounts { get; }
    public AuditLog Audit { get; }
    public TokenStore Tokens => new(Path.Combine(folder, "tokens"), Time);
    public string LogFolder => Path.Combine(folder, "logs");
    public FakeTimeProvider Time { get; } = new();
    public List<string> Told { get; } = [];
    public ReceptionTimes Times { get; } = new();
    public IReadOnlyList<IPNetwork> MetricsFrom { get; set; } = [];
    public TotpPolicy Totp { get; set; }
    public int Flushes { get; private set; }
    public int Reloads { get; private set; }
    public HttpClient Http { get; } = new();
    public AdminParts Parts => new()
    {
        Readiness = () => Readiness,
        Delivery = Delivery,
        Routes = () => Routes,
        Profiles = static () => new HashSet<string> { "office" },
        TakeRoutes = _ =>
        {
            Reloads++;
            return Task.FromResult<string?>(null);
        },
        OpenBody = spool.OpenBody,
        CountSpool = spool.Count,
        VerifySpool = spool.Verify,
        ProfileEdits = this,
        FlushDns = () => Flushes++,
        Suspensions = this,
        Edits = this,
        Counters = counters,
        Rates = rates,
        Series = series,
        Health = health,
        Alerts = () => new AlertsAnswer([new(AlertKind.DiskLow, "", "x", DateTimeOffset.UnixEpoch, null)], []),
        Watch = filter => log.Subscribe(filter: filter),
        Tokens = Tokens,
        Log = search,
        Facts = static () => new GatewayFacts("gw.example", "1.2.3", DateTimeOffset.UnixEpoch, 3, 5L << 30),
        Time = TimeProvider.System,
        Token = Token,
        Accounts = Accounts,
        Logins = logins,
        Totp = () => Totp,
        Tell = Told.Add,
        Audit = Audit,
        Monitoring = new MonitoringParts
        {
            MetricsFrom = () => MetricsFrom,
            Lifetime = lifetime,
            Flow = flow,
            Times = Times,
            Load = load,
            Facts = static () => new MonitoringFacts
            {
                LastMid = 17,
                LastIcid = 18,
                LastDcid = 19,
                SpoolOctets = 20_480,
                SpoolSyncs = 21,
                LostEvents = 22,
            },
        },
    };

    public static async Task<ApiFixture> StartAsync(string routes = "")
    {
        var fixture = new ApiFixture(routes);
        fixture.host = await AdminHost.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), fixture.Parts, default);
        fixture.Http.BaseAddress = fixture.host.Address;
        fixture.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return fixture;
    }

    /// <summary>A token with an id that a test knows; nobody knows its secret.</summary>
    public void PutToken(string id) => AtomicFile.WriteSecret(Path.Combine(folder, "tokens"),
        System.Text.Encoding.ASCII.GetBytes($"{id} robot viewer 0 9999999999 {new string('0', 64)}\n"));

    /// <summary>The account <c>admin</c> with a password that its owner has chosen.</summary>
    public string ChooseAdmin()
    {
        var password = Accounts.Reset();
        Accounts.Put(Accounts.Find(Account.Admin)! with { IsOneTime = false });
        return password;
    }

    /// <summary>Closes the store behind the back of everything, as a disk that fails does.</summary>
    public ValueTask CloseStoreAsync() => spool.DisposeAsync();

    /// <summary>A message that waits, since nothing listens at the host of its route.</summary>
    public async Task<Mid> AcceptAsync(params string[] recipients)
    {
        var mid = spool.NextMid();
        var content = "Subject: x\r\n\r\nx\r\n"u8.ToArray();
        await using var writer = spool.BeginMessage(mid);
        await writer.AppendAsync(content, default);
        var message = new StoredMessage(mid, new Icid(1), new Envelope { ReversePath = Mailbox.Parse("a@src.example") },
            TimeProvider.System.GetUtcNow())
        {
            Size = content.Length,
            Recipients = [.. recipients.Select((r, i) =>
                new StoredRecipient(new EnvelopeRecipient(new Rid(i), Mailbox.Parse(r)), RecipientState.Fresh))],
        };
        await writer.CommitAsync(message);
        Delivery.Accepted(message);
        return mid;
    }

    /// <summary>The message is held: whoever deletes it now finds it.</summary>
    public Task HeldAsync(Mid mid) => Held(mid).Task.WaitAsync(TimeSpan.FromMinutes(1));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (host is not null) await host.DisposeAsync();
        await Delivery.StopAsync(TimeSpan.FromSeconds(5));
        await Delivery.DisposeAsync();
        series.Dispose();
        health.Dispose();
        rates.Dispose();
        load.Dispose();
        lifetime.Dispose();
        logins.Dispose();
        search.Dispose();
        await spool.DisposeAsync();
        await log.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    public Task<NextHops> ResolveMxAsync(
        Domain name, bool fromRoute, IpPreference preference, CancellationToken cancellationToken)
    {
        var host = new ResolvedHost("mx.dns.example", 10, [IPAddress.Parse("192.0.2.1")]);
        return Task.FromResult(new NextHops([host], NextHopFailure.None, null, TimeSpan.FromMinutes(1)));
    }

    public Task<NextHops> ResolveAddressesAsync(
        Domain name, bool fromRoute, IpPreference preference, CancellationToken cancellationToken) =>
        ResolveMxAsync(name, fromRoute, preference, cancellationToken);

    public SuspensionReport Report { get; private set; } = new(false, [], []);

    public Task<SuspensionReport> SetDeliveryAsync(string? domain, bool suspend) =>
        Task.FromResult(Report = new(suspend && domain is null, suspend && domain is not null ? [domain] : [], []));

    public Task<SuspensionReport?> SetListenerAsync(string? name, bool suspend) => Task.FromResult(
        name is null or "incoming" ? Report = new(false, [], suspend ? ["incoming"] : []) : null);

    public string RoutesFile => Path.Combine(folder, "smtproutes");

    public IReadOnlyList<RouteVersion> History =>
        [new(1, DateTimeOffset.UnixEpoch, "unknown", "edited by hand", 1, 0, ["+ example.com 10.0.0.1"])];

    public byte[]? ContentOf(int version) => version == 1 ? "example.com 10.0.0.1\n"u8.ToArray() : null;

    public ReadOnlyMemory<byte> Content => ContentOf(1);

    public Task<RoutesChange> EditAsync(
        string what, Func<RoutesDocument, RouteError?> edit, RoutesPrecondition? expected,
        CancellationToken cancellationToken)
    {
        // Each edit finds a file in which it can be made.
        File.WriteAllText(RoutesFile, what.StartsWith("new", StringComparison.Ordinal) ? "" : "example.com 10.0.0.1\n");
        return WriteAsync(what, Plan(edit), cancellationToken);
    }

    public RoutesChange Plan(Func<RoutesDocument, RouteError?> edit) =>
        RoutesFileEdit.Plan(RoutesFile, new HashSet<string> { "office" }, edit);

    public Task<RoutesChange> WriteAsync(string what, RoutesChange plan, CancellationToken cancellationToken) =>
        Task.FromResult(plan.Difference is null ? plan : RoutesFileEdit.Write(RoutesFile, plan));

    public IReadOnlyDictionary<string, AuthProfile> Profiles { get; } = new Dictionary<string, AuthProfile>
    {
        ["office"] = new() { Name = "office", UserName = "gw@example.com", PasswordEnvironment = "OFFICE" },
    };

    public Task<ProfileOutcome> NewAsync(string name, ProfileRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(new ProfileOutcome(null));

    public Task<ProfileOutcome> EditAsync(string name, ProfileRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(new ProfileOutcome(null));

    public Task<ProfileOutcome> DeleteAsync(
        string name, IReadOnlyCollection<string>? expected, CancellationToken cancellationToken) =>
        Task.FromResult(new ProfileOutcome(null));

    public bool MayDeliverTo(IPAddress address) => !IPAddress.IsLoopback(address);

    public void Publish(MailEvent mailEvent)
    {
        new FanOut(counters, flow).Publish(mailEvent);
        if (mailEvent is RecipientsPending pending) Held(pending.Mid).TrySetResult();
    }

    private TaskCompletionSource Held(Mid mid) => held.GetOrAdd(
        mid, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
