using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Alerts;
using Postern.Admin.Auditing;
using Postern.Admin.Monitoring;
using Postern.Delivery;
using Postern.Mail;
using Postern.Reporting;
using Postern.Reporting.Searching;
using Postern.Routing;
using Postern.Spool;

namespace Postern.Admin;

/// <summary>What the admin web host talks to. Members are called by several threads and must not block.</summary>
public sealed record AdminParts
{
    /// <summary>Asked at each <c>/health/ready</c>.</summary>
    public required Func<Readiness> Readiness { get; init; }
    /// <summary>Delivery.</summary>
    public required DeliveryEngine Delivery { get; init; }
    /// <summary>The routes in force.</summary>
    public required Func<SmtpRouteTable> Routes { get; init; }
    /// <summary>The profiles that a route may name.</summary>
    public required Func<IReadOnlySet<string>> Profiles { get; init; }
    /// <summary>
    /// Takes up the routes file, which was replaced whole; returns when it was read. Why it is not in force; null: it
    /// is.
    /// </summary>
    public required Func<CancellationToken, Task<string?>> TakeRoutes { get; init; }
    /// <summary>Edits of the routes file.</summary>
    public required IRouteEdits Edits { get; init; }
    /// <summary>Edits of the profiles of outgoing authentication.</summary>
    public required IProfileEdits ProfileEdits { get; init; }
    /// <summary>Opens the content of a message; throws <see cref="SpoolException"/> when it is not there.</summary>
    public required Func<Mid, BodyReader> OpenBody { get; init; }
    /// <summary>Counts what the store holds; takes its time.</summary>
    public required Func<SpoolStatistics> CountSpool { get; init; }
    /// <summary>
    /// Checks every record of the store against every other, telling how many it has read; takes long.
    /// </summary>
    public required Func<Action<long>, CancellationToken, SpoolReport> VerifySpool { get; init; }
    /// <summary>Forgets the answers of DNS.</summary>
    public required Action FlushDns { get; init; }
    /// <summary>What an operator has suspended.</summary>
    public required ISuspensions Suspensions { get; init; }
    /// <summary>Lines of the mail log from now on; null: too many readers follow it already.</summary>
    public required Func<LogLineFilter, LogTap?> Watch { get; init; }
    /// <summary>The tokens of programs.</summary>
    public required TokenStore Tokens { get; init; }
    /// <summary>What is counted since the start.</summary>
    public required MailCounters Counters { get; init; }
    /// <summary>How fast that grows.</summary>
    public required MailRates Rates { get; init; }
    /// <summary>The last day, for charts.</summary>
    public required FigureSeries Series { get; init; }
    /// <summary>The health of hosts over the last hour.</summary>
    public required HealthSeries Health { get; init; }
    /// <summary>What is wrong.</summary>
    public required Func<AlertsAnswer> Alerts { get; init; }
    /// <summary>What the mail log has told.</summary>
    public required LogSearch Log { get; init; }
    /// <summary>What the program alone knows of itself.</summary>
    public required Func<GatewayFacts> Facts { get; init; }
    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }
    /// <summary>What each connection is shown that begins; null: the host speaks in clear.</summary>
    public Func<AdminCertificate>? Certificate { get; init; }
    /// <summary>The token that opens the API.</summary>
    public required string Token { get; init; }
    /// <summary>Who may log in.</summary>
    public required AccountStore Accounts { get; init; }
    /// <summary>Who has to have a second factor.</summary>
    public Func<TotpPolicy> Totp { get; init; } = static () => TotpPolicy.Optional;
    /// <summary>The passwords of accounts.</summary>
    public required PasswordCheck Logins { get; init; }
    /// <summary>Told of faults of the web host, in one sentence each.</summary>
    public required Action<string> Tell { get; init; }
    /// <summary>Where changes, looks at mail and logins are written down.</summary>
    public required AuditLog Audit { get; init; }
    /// <summary>What monitors are told beside.</summary>
    public required MonitoringParts Monitoring { get; init; }
}

/// <summary>What the program knows of itself at a moment. Immutable.</summary>
/// <param name="HostName">Its name in SMTP.</param>
/// <param name="Version">Of the program.</param>
/// <param name="Started">When it was started.</param>
/// <param name="ConnectionsIn">Incoming connections now.</param>
/// <param name="DiskFree">Octets that are free where the data folder is; null: not known.</param>
public sealed record GatewayFacts(
    string HostName, string Version, DateTimeOffset Started, int ConnectionsIn, long? DiskFree);
