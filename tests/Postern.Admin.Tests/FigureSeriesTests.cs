using System.Net;
using Microsoft.Extensions.Time.Testing;
using Postern.Admin.Monitoring;
using Postern.Delivery.Reports;
using Postern.Mail;
using Postern.Reporting;

namespace Postern.Admin.Tests;

/// <summary>What charts show, under a clock that the test moves.</summary>
public sealed class FigureSeriesTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly MailCounters counters = new();
    private readonly ReceptionTimes times = new();
    private readonly FigureSeries series;
    private DeliveryGauges gauges = new();
    private long mids;

    public FigureSeriesTests() => series = new FigureSeries(counters, times, () => Task.FromResult(gauges), time);

    public void Dispose() => series.Dispose();

    [Fact]
    public void A_point_has_what_happened_in_its_minute_and_what_was_held_at_its_end()
    {
        Accept(3, TimeSpan.FromMilliseconds(10));
        Accept(1, TimeSpan.FromMilliseconds(20));
        gauges = new DeliveryGauges
        {
            Messages = 2,
            ActiveRecipients = 4,
            Connections = 5,
            OldestAccepted = time.GetUtcNow(),
        };
        time.Advance(FigureSeries.Interval);
        gauges = new DeliveryGauges();
        time.Advance(FigureSeries.Interval);

        var points = series.LastMinutes(60);

        Assert.Equal(2, points.Count);
        Assert.Equal(new FigurePoint
        {
            Time = time.GetUtcNow() - FigureSeries.Interval,
            Injected = 4,
            Recipients = 4,
            Messages = 2,
            Connections = 5,
            OldestSeconds = 60,
            AcceptMilliseconds = 15,
        }, points[0]);
        Assert.Equal(new FigurePoint { Time = time.GetUtcNow() }, points[1]);
    }

    [Fact]
    public void A_day_is_kept_and_no_more_and_its_minutes_add_up()
    {
        for (var minute = 0; minute < FigureSeries.Kept + 30; minute++)
        {
            // What the first half hour had is forgotten.
            Accept(minute < 30 ? 100 : 1, TimeSpan.FromMilliseconds(1));
            time.Advance(FigureSeries.Interval);
        }

        Assert.Equal(FigureSeries.Kept, series.LastMinutes(int.MaxValue).Count);
        Assert.Equal(60, series.LastMinutes(60).Count);
        var day = series.LastMinutes(FigureSeries.Kept, 15);
        Assert.Equal(96, day.Count);
        Assert.All(day, point => Assert.Equal(15, point.Injected));
        Assert.Equal(time.GetUtcNow(), day[^1].Time);
    }

    [Fact]
    public async Task It_is_asked_for_by_hour_or_day()
    {
        await using var api = await ApiFixture.StartAsync();
        foreach (var (query, status) in ((string, HttpStatusCode)[])
            [("", HttpStatusCode.OK), ("?span=day", HttpStatusCode.OK), ("?span=week", HttpStatusCode.BadRequest)])
        {
            using var answer = await api.Http.GetAsync(new Uri($"/api/v1/status/series{query}", UriKind.Relative));
            Assert.Equal(status, answer.StatusCode);
        }
    }

    private void Accept(int recipients, TimeSpan wait)
    {
        var (mid, icid) = (new Mid(++mids), new Icid(1));
        counters.Publish(new MessageStarted(mid, icid));
        for (var rid = 0; rid < recipients; rid++)
            counters.Publish(new RecipientAccepted(mid, icid, new Rid(rid), Mailbox.Parse("bob@example.com")));
        counters.Publish(new MessageQueued(mid));
        times.FinalDot.Add(wait);
    }
}
