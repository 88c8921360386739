using Microsoft.AspNetCore.Components;
using Postern.Delivery.Deciding;
using Postern.Delivery.Reports;

namespace Postern.Admin.Pages.Destinations;

/// <summary>A destination host: its health, what it said last, and what waits for it.</summary>
public partial class HostPage
{
    private IReadOnlyList<HostReport> _hosts = [];
    private string? _refusal;

    /// <summary>Name or address, with the port or for all ports.</summary>
    [SupplyParameterFromQuery] public string? Name { get; set; }

    [Inject] private AdminParts Parts { get; set; } = null!;

    /// <summary>The address of the page of a host.</summary>
    public static string AddressOf(string host) => $"/delivery/host?name={Uri.EscapeDataString(host)}";

    private List<string> Queues => [.. _hosts.SelectMany(host => host.Queues).Distinct()];

    // The log names the host and the port apart.
    private string LogAddress => HostSelector.TryParse(Name ?? "", out var host)
        ? $"/log?text={Uri.EscapeDataString(host.Host)}" : "/log";

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => LookAsync();

    private async Task LookAsync()
    {
        var name = Name ?? "";
        (_refusal, _hosts) = (null, HostSelector.TryParse(name, out var selector)
            ? await Parts.Delivery.AskAsync(scheduler => scheduler.Overview.Hosts(selector)) : []);
        if (_hosts.Count == 0) _refusal = T["No mail was led to '{0}' since the start.", name];
    }
}
