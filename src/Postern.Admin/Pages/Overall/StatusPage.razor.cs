using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Components;
using Postern.Admin.Alerts;
using Postern.Admin.Monitoring;
using Postern.Admin.Pages.Parts;
using Postern.Delivery.Reports;
using Postern.Mail;
using Postern.Mail.Dsn;
using Postern.Reporting;

namespace Postern.Admin.Pages.Overall;

/// <summary>How the gateway is: what is wrong, how much mail comes and goes, and what it has left.</summary>
public partial class StatusPage
{
    private const int MostHosts = 20;

    // Of a day; the heads of the charts say so.
    private const int MinutesOfPoint = 15;

    private GatewayStatus? _now;
    private AlertsAnswer _alerts = new([], []);
    private IReadOnlyList<HostReport> _out = [];
    private IReadOnlyList<FigurePoint> _points = [];
    private DurationCounts? _inQueue;
    private bool _isDay;

    [Inject] private AdminParts Parts { get; set; } = null!;

    private IReadOnlyList<ChartLine> Flow =>
        [new(T["in"], point => point.Injected), new(T["Delivered"], point => point.Delivered)];

    private IReadOnlyList<ChartLine> Bounces =>
        [new(T["soft"], point => point.SoftBounced), new(T["hard"], point => point.HardBounced)];

    private IReadOnlyList<ChartLine> Held => [new(T["recipients waiting"], point => point.Recipients)];

    private IReadOnlyList<ChartLine> Age => [new(T["age"], point => point.OldestSeconds)
    {
        Write = seconds => Durations.Text(TimeSpan.FromSeconds(seconds)),
    }];

    private IReadOnlyList<ChartLine> Waits => [new(T["mean"], point => point.AcceptMilliseconds)
    {
        Write = milliseconds => Durations.Text(TimeSpan.FromMilliseconds(milliseconds)),
    }];

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => LookAsync();

    private async Task LookAsync()
    {
        _now = await new StatusOperations(Parts).NowAsync();
        _alerts = Parts.Alerts();
        (_out, _inQueue) = await Parts.Delivery.AskAsync(
            scheduler => (scheduler.Overview.LeftOut(MostHosts), scheduler.Overview.QueueTime()));
        _points = _isDay ? Parts.Series.LastMinutes(FigureSeries.Kept, MinutesOfPoint) : Parts.Series.LastMinutes(60);
    }

    private Task SpanAsync(bool isDay)
    {
        _isDay = isDay;
        return LookAsync();
    }

    private IEnumerable<(string Name, string Value)> Figures(GatewayStatus now)
    {
        var facts = Parts.Monitoring.Facts();
        yield return (T["System Status"], SystemText(now));
        if (now.Suspended.Domains.Count > 0)
            yield return (T["Domains with suspended delivery"], Numbers.Text(now.Suspended.Domains.Count));
        yield return (T["Mail can be taken"], now is { SpoolOpen: true, ListenersBound: true, HasRoom: true } ? T["yes"]
            : !now.SpoolOpen ? T["no: the store is closed"]
            : !now.HasRoom ? T["no: the disk is below free_space_soft; clients are answered 452"]
            : T["in part: a listener is not bound"]);
        yield return (T["Messages in the queue"], Numbers.Text(now.Delivery.Messages));
        yield return (T["Recipients in the queue"], T["{0}, tried of these: {1}",
            Numbers.Text(now.Delivery.ActiveRecipients), Numbers.Text(now.Delivery.AttemptedRecipients)]);
        yield return (T["Connections"], T["{0} in, {1} out", now.ConnectionsIn, now.Delivery.Connections]);
        yield return (T["Mean wait for the 250"], Mean(Parts.Monitoring.Times.FinalDot.Read()));
        yield return (T["Mean time in the queue"], Mean(_inQueue));
        yield return (T["Free disk"], now.DiskFree is { } free ? Octets.Text(free) : T["not known"]);
        yield return (T["Spool on disk"], Octets.Text(facts.SpoolOctets));
        yield return (T["Memory"], Octets.Text(Environment.WorkingSet));
        yield return (T["Processors"], $"{Parts.Monitoring.Load.Percent} %");
        yield return (T["Lines that the mail log lost"], Numbers.Text(facts.LostEvents));
        yield return (T["Version"], $"Postern {now.Version}, {RuntimeInformation.FrameworkDescription}");
    }

    private string SystemText(GatewayStatus now) => now.System switch
    {
        SystemStatus.Online => T["online"],
        SystemStatus.DeliverySuspended => T["delivery suspended"],
        SystemStatus.ReceivingSuspended when now.Suspended.Listeners.Count == 0 =>
            T["receiving suspended: the disk is nearly full"],
        SystemStatus.ReceivingSuspended => T["receiving suspended: {0}", string.Join(", ", now.Suspended.Listeners)],
        _ when now is { SpoolOpen: true, ListenersBound: true } => T["offline: delivery and receiving are suspended"],
        _ => T["offline"],
    };

    private string Mean(DurationCounts? times)
    {
        var count = times?.Counts.Sum() ?? 0;
        return count == 0 ? T["not known"] : Durations.Text(times!.Sum / count);
    }

    private string NameOf(MailCounter counter) => counter switch
    {
        MailCounter.InjectedMessages => T["Messages accepted"],
        MailCounter.InjectedRecipients => T["Recipients accepted"],
        MailCounter.SoftBouncedEvents => T["Soft Bounced"],
        MailCounter.CompletedRecipients => T["Recipients completed"],
        MailCounter.HardBouncedRecipients => T["Hard Bounced"],
        MailCounter.DeliveredRecipients => T["Delivered"],
        _ => $"{counter}",
    };

    // In German it begins with words of its own; the sentence of the log has its figures and what the host said.
    private string SentenceOf(Alert alert) => CultureInfo.CurrentUICulture.Name == "de"
        ? $"{Capitalized(AlertText.Title(alert, ReportLanguage.German))}. "
            + $"{T["The log says"]}: {PeerText.Escape(alert.Text)}"
        : Capitalized(alert.Text);

    // In the log it stands behind other words.
    private static string Capitalized(string text) =>
        PeerText.Escape(text) is [var first, .. var rest] ? $"{char.ToUpperInvariant(first)}{rest}" : "";
}
