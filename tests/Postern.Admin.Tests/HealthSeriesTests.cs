using Microsoft.Extensions.Time.Testing;
using Postern.Admin.Monitoring;
using Postern.Delivery.Reports;

namespace Postern.Admin.Tests;

/// <summary>The health of hosts over the last hour, under a clock that the test moves.</summary>
public sealed class HealthSeriesTests : IDisposable
{
    private const string Host = "10.0.0.1:25";

    private readonly FakeTimeProvider time = new();
    private readonly HealthSeries series;
    private Dictionary<string, HostState> troubled = [];

    public HealthSeriesTests() => series = new HealthSeries(
        () => Task.FromResult<IReadOnlyDictionary<string, HostState>>(troubled), time);

    public void Dispose() => series.Dispose();

    [Fact]
    public void A_minute_has_the_worst_state_of_its_looks_and_an_hour_is_kept()
    {
        Assert.Empty(series.LastHour(Host));
        Look(HostState.LeftOut);
        Look(HostState.Returning);
        for (var look = 2; look < 6; look++) Look(null);
        Look(HostState.Suspect);

        Assert.Equal([HostState.LeftOut, HostState.Suspect], series.LastHour(Host));
        Assert.Equal([HostState.Up, HostState.Up], series.LastHour("10.0.0.2:25"));

        for (var minute = 0; minute < HealthSeries.Kept - 1; minute++)
            for (var look = 0; look < 6; look++) Look(null);
        Assert.Equal(HealthSeries.Kept, series.LastHour(Host).Count);
        Assert.Equal(HostState.Suspect, series.LastHour(Host)[0]);
    }

    private void Look(HostState? state)
    {
        troubled = state is { } now ? new() { [Host] = now } : [];
        time.Advance(HealthSeries.Interval);
    }
}
