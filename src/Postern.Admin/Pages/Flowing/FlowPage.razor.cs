using System.Globalization;
using Microsoft.AspNetCore.Components;
using Postern.Admin.Monitoring;
using Postern.Admin.Pages.Destinations;
using Postern.Admin.Pages.Parts;
using Postern.Admin.Pages.Routes;
using Postern.Delivery.Reports;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Admin.Pages.Flowing;

/// <summary>Which way mail flows now: from routes to hosts, how much of it, and which lines are in trouble.</summary>
public partial class FlowPage
{
    private FlowReport? _flow;
    private FlowPicture? _picture;
    private bool _isSuspended;

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private FlowLook Look { get; set; } = null!;

    private double PerMinute => _flow!.Routes.Sum(route => route.PerMinute) + _flow.Rest.PerMinute;

    private int Waiting => _flow!.Routes.Sum(route => route.Waiting) + _flow.Rest.Waiting;

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => LookAsync();

    private async Task LookAsync()
    {
        _flow = await Look.NowAsync();
        _picture = FlowPicture.Of(_flow);
        _isSuspended = Parts.Suspensions.Report.AllDelivery;
    }

    private static string AddressOf(FlowRoute route) => route.Kind switch
    {
        FlowKind.Route => RouteSettingsPage.AddressOf(route.Name),
        FlowKind.Redirect => "/queue",
        _ => DomainPage.AddressOf(route.Name),
    };

    // Where it is told why mail waits: the page of the receiving domain, where it is one alone.
    private static string WhyOf(FlowRoute route) =>
        route.Kind == FlowKind.Dns || (route.Kind == FlowKind.Route && RouteKey.Read(route.Name, out _) is { } key
            && key.Kind == RouteKeyKind.Domain) ? DomainPage.AddressOf(route.Name) : "/queue";

    private string NameOf(FlowRoute route) => route.Kind switch
    {
        FlowKind.Route => PeerText.Escape(route.Name),
        FlowKind.Redirect => T["redirected to {0}", PeerText.Escape(route.Name)],
        _ => T["{0}, by DNS", PeerText.Escape(route.Name)],
    };

    private string OthersOf(FlowRest rest) =>
        rest.Routes == 1 ? T["1 other route"] : T["{0} other routes", rest.Routes];

    private static bool IsOut(FlowRoute route) => HostStates.TakesNoMail(route.State);

    private string Trouble(FlowRoute route)
    {
        var hosts = route.Lines.Where(line => line.Priority is not null).ToList();
        var outs = hosts.Count(line => HostStates.TakesNoMail(line.State));
        return outs == 0 ? "" : outs == hosts.Count ? T["✕ no host takes mail"]
            : T["◐ {0} of {1} hosts out", outs, hosts.Count + route.OtherHosts];
    }

    private string Words(FlowPicture.Stroke stroke) => T["{0} → {1}: {2} a minute, {3}",
        stroke.From ?? T["other routes"], stroke.To ?? T["other hosts"], Numbers.Text(stroke.PerMinute),
        stroke.Health is { State: { } state, IsUntried: var isUntried } ? T[HostChip.Word(state, isUntried)]
            : T["not known"]];

    private static string PathOf(FlowPicture.Stroke stroke)
    {
        var (from, to) = (Number(stroke.FromY), Number(stroke.ToY));
        return $"M0,{from} C45,{from} 55,{to} 100,{to}";
    }

    private static string Number(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
