using Microsoft.AspNetCore.Components;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Delivery.Deciding;
using Postern.Delivery.Reports;
using Postern.Routing;

namespace Postern.Admin.Pages.Routes;

/// <summary>The table in force, with the health of its hosts.</summary>
public sealed partial class RoutesPage : IDisposable
{
    /// <summary>Rows of a page; no more are asked for.</summary>
    private const int Rows = 25;

    private static readonly TimeSpan healthPeriod = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _left = new();
    private RouteListing? _listed;
    private RoutesFound _found = new([], 0);
    private IReadOnlyDictionary<HostKey, HostReport> _health = new Dictionary<HostKey, HostReport>();
    private (RouteOrder Order, bool IsDescending) _sort = (RouteOrder.File, false);
    private string _search = "";
    private int _skip;

    /// <summary>The text to search for at first.</summary>
    [SupplyParameterFromQuery] public string? Search { get; set; }

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private RouteListings Listings { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    private bool MayEdit => Viewer.May(AccountRole.Administrator);

    /// <inheritdoc/>
    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _search = Search ?? "";
        await ListAsync();
        _ = WatchAsync(_left.Token);
    }

    private static string EditAddress(SmtpRoute route) => RouteSettingsPage.AddressOf(route.Key);

    private Task SearchAsync(string text)
    {
        (_search, _skip) = (text ?? "", 0);
        return ListAsync();
    }

    private Task SortAsync(RouteOrder order)
    {
        _sort = (order, _sort.Order == order && !_sort.IsDescending);
        _skip = 0;
        return ListAsync();
    }

    private Task GoAsync(int skip)
    {
        _skip = skip;
        return ListAsync();
    }

    private async Task ListAsync()
    {
        _listed = Listings.Now;
        _found = _listed.Find(_search, _sort.Order, _sort.IsDescending, _skip, Rows);
        await LookAtHostsAsync();
    }

    private async Task LookAtHostsAsync()
    {
        List<HostKey> keys = [.. _found.Routes.SelectMany(route => route.Hosts).Select(RouteHosts.KeyOf).Distinct()];
        _health = keys.Count == 0 ? new Dictionary<HostKey, HostReport>()
            : await Parts.Delivery.AskAsync(scheduler => scheduler.Overview.Health(keys));
    }

    // Another table is shown when it is in force, and the health of what is on the page as it changes.
    private async Task WatchAsync(CancellationToken left)
    {
        using var timer = new PeriodicTimer(healthPeriod, Parts.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(left))
            {
                await InvokeAsync(async () =>
                {
                    // A search looks at the whole table, and finds the same in the same one.
                    await (Listings.Now == _listed ? LookAtHostsAsync() : ListAsync());
                    StateHasChanged();
                });
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left, or the gateway stops.
            return;
        }
    }
}
