using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Delivery.Scheduling;
using Postern.Delivery.Tests.Simulation;
using Postern.Routing;

namespace Postern.Delivery.Tests;

/// <summary>Receiving domains are looked at in parts, put together beside mail, and asked for in an order.</summary>
public sealed class DestinationSurveyTests
{
    [Fact]
    public void Many_domains_are_looked_at_in_parts_while_mail_comes_and_goes()
    {
        const int Domains = 2 * DestinationSurvey.AtOnce + 500;
        var world = new SimWorld("well.example 10.0.0.2\nALL 10.0.0.1\n");
        var host = world.Host("10.0.0.1");
        world.Host("10.0.0.2");
        host.Mood = Mood.Refuses;
        for (var sent = 0; sent < 3; sent++) world.Accept("bob@well.example");
        for (var i = 0; i < Domains; i++) world.Accept($"bob@d{i}.example", $"eve@d{i}.example");
        world.Run(TimeSpan.FromSeconds(1));

        var survey = world.Scheduler.Overview.Survey();
        var parts = new List<IReadOnlyList<DestinationStanding>> { survey.Go() };
        // All that was there is delivered meanwhile, and other mail comes.
        host.Mood = Mood.Well;
        world.Accept("bob@new.example");
        world.Run(TimeSpan.FromMinutes(30));
        Assert.Equal(0, world.Scheduler.Overview.Gauges().ActiveRecipients);
        while (survey.Go() is { Count: > 0 } part) parts.Add(part);

        Assert.All(parts, part => Assert.InRange(part.Count, 1, DestinationSurvey.AtOnce));
        var told = DestinationStanding.SumOf(parts.SelectMany(part => part)).ToDictionary(row => row.Domain);
        Assert.Equal(Domains + 2, told.Count);
        // What was looked at before it went, and what went before it was looked at.
        Assert.Equal(DestinationSurvey.AtOnce, told.Values.Count(row => row.Active == 2));
        Assert.Equal(Domains - DestinationSurvey.AtOnce, told.Values.Count(row => row is { Active: 0, Delivered: 2 }));
        Assert.Equal((0, 3L), (told["well.example"].Active, told["well.example"].Delivered));
    }

    [Fact]
    public void Redirected_mail_is_mail_for_its_domain_all_the_same()
    {
        var world = new SimWorld("ALL 10.0.0.1\n");
        world.Host("10.0.0.1").Mood = world.Host("10.0.0.2").Mood = Mood.Refuses;
        world.Accept("bob@a.example", "eve@a.example");
        world.Run(TimeSpan.FromSeconds(1));
        world.Scheduler.Operations.Redirect(
            new QueueSelection { Host = "a.example" }, default, RedirectRoute.Read("10.0.0.2", null, out _)!);
        world.Accept("ann@a.example");
        world.Run(TimeSpan.FromSeconds(1));

        var row = Assert.Single(All(world));
        Assert.Equal(("a.example", 3), (row.Domain, row.Active));
    }

    [Fact]
    public void A_page_of_an_order_is_the_same_as_that_part_of_the_whole_order()
    {
        var rows = Enumerable.Range(0, 200)
            .Select(i => (Number: i, Domain: $"d{i * 37 % 200}.{(i % 2 == 0 ? "example" : "test")}"))
            .Select(row => new DestinationStanding(row.Domain, row.Number % 7, 0, row.Number, 0, 0)).ToList();
        var query = new DestinationQuery { Part = "EXAMPLE", Take = int.MaxValue };
        var (whole, count) = query.Choose(rows);
        Assert.Equal((100, 100), (whole.Count, count));
        Assert.Equal(whole.OrderByDescending(r => r.Active).ThenBy(r => r.Domain, StringComparer.Ordinal), whole);

        var page = query with { Skip = 40, Take = 25 };
        Assert.Equal(whole.Skip(40).Take(25), page.Choose(rows).Wanted);
        var byName = query with { Order = DestinationOrder.Domain, IsDescending = false };
        var (next, all) = (byName with { Take = 10, After = "d5.example" }).Choose(rows);
        Assert.Equal(
            rows.Select(r => r.Domain).Where(d => d.EndsWith("example", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal).SkipWhile(d => string.CompareOrdinal(d, "d5.example") <= 0).Take(10),
            next.Select(r => r.Domain));
        Assert.Equal(100, all);
    }

    private static IReadOnlyCollection<DestinationStanding> All(SimWorld world) =>
        DestinationStanding.SumOf(world.Scheduler.Overview.Survey().All());
}
