using Postern.Delivery.Deciding;
using Postern.Delivery.Reports;
using Postern.Delivery.Scheduling;
using Postern.Delivery.Tests.Simulation;

namespace Postern.Delivery.Tests;

/// <summary>Which way mail flows: how much each host takes from each route, and what keeps the rest.</summary>
public sealed class FlowTests
{
    [Fact]
    public void A_host_that_fails_is_out_and_the_line_to_the_next_one_grows_and_fades_again()
    {
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2/pri=10\n");
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        Accept(world, 10);
        world.Run(TimeSpan.FromSeconds(1));
        var route = Assert.Single(Flow(world, 10).Routes);
        Assert.Equal((FlowKind.Route, "example.com", 0), (route.Kind, route.Name, route.Waiting));
        Assert.Equal([("10.0.0.1:25", 0, HostState.Up), ("10.0.0.2:25", 10, HostState.Up)],
            route.Lines.Select(line => (line.Host, line.Priority!.Value, line.State!.Value)));
        Assert.InRange(route.Lines[0].PerMinute, 9.5, 10);
        Assert.Equal(0, route.Lines[1].PerMinute);

        first.Mood = Mood.MailFull;
        Accept(world, 10);
        world.Run(TimeSpan.FromMinutes(1));
        var lines = Flow(world, 10).Routes.Single().Lines.ToDictionary(line => line.Host);
        Assert.Equal(HostState.LeftOut, lines["10.0.0.1:25"].State);
        Assert.Equal(HostState.Up, lines["10.0.0.2:25"].State);
        Assert.InRange(lines["10.0.0.1:25"].PerMinute, 3, 4);
        Assert.InRange(lines["10.0.0.2:25"].PerMinute, 3, 4);

        world.Run(TimeSpan.FromMinutes(10));
        Assert.Empty(Flow(world, 10).Routes);
        Assert.Equal(10, second.Accepted.Count);
    }

    [Fact]
    public void Mail_that_waits_for_a_host_that_is_out_has_a_place_before_what_flows_most()
    {
        var routes = string.Concat(Enumerable.Range(1, 8).Select(i => $"d{i}.example 10.0.0.{i}\n"));
        var world = new SimWorld(routes);
        for (var i = 1; i <= 8; i++) world.Host($"10.0.0.{i}").Mood = i == 8 ? Mood.Refuses : Mood.Well;
        for (var i = 1; i <= 7; i++)
            for (var sent = 0; sent < 10 * i; sent++) world.Accept($"bob@d{i}.example");
        world.Accept("bob@d8.example", "eve@d8.example");
        world.Run(TimeSpan.FromSeconds(5));

        var flow = Flow(world, 4);

        Assert.Equal(["d5.example", "d6.example", "d7.example", "d8.example"], flow.Routes.Select(route => route.Name));
        var troubled = flow.Routes[^1];
        Assert.Equal((2, HostState.LeftOut), (troubled.Waiting, troubled.State));
        Assert.Equal((4, 0, 0), (flow.Rest.Routes, flow.Rest.Waiting, flow.Rest.InTrouble));
        Assert.InRange(flow.Rest.PerMinute, 85, 100);
        Assert.Equal(0, Flow(world, 100).Rest.PerMinute, 6);
    }

    [Fact]
    public void Mail_by_DNS_is_told_by_its_domain()
    {
        var world = new SimWorld("");
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        world.Host("10.0.0.2");
        world.Accept("bob@[10.0.0.1]");
        world.Run(TimeSpan.FromSeconds(1));
        var byDns = Assert.Single(Flow(world, 4).Routes);
        Assert.Equal((FlowKind.Dns, "[10.0.0.1]", 1), (byDns.Kind, byDns.Name, byDns.Waiting));
        Assert.Equal(HostState.LeftOut, Assert.Single(byDns.Lines).State);

        world.Accept("bob@[10.0.0.2]");
        world.Run(TimeSpan.FromSeconds(1));
        // Its queue is gone with the message; what flowed is told all the same.
        var taken = Flow(world, 4).Routes[1];
        Assert.Equal(("[10.0.0.2]", 0, "10.0.0.2:25"), (taken.Name, taken.Waiting, Assert.Single(taken.Lines).Host));
    }

    [Fact]
    public void Lines_are_counted_up_to_a_bound_and_new_ones_again_when_old_ones_are_over()
    {
        var book = new FlowBook();
        var now = DateTimeOffset.UnixEpoch;
        for (var i = 0; i <= FlowBook.MaxLines; i++) book.Count(Source(i), new HostKey("10.0.0.1", 25), 1, now);
        Assert.Equal(FlowBook.MaxLines, book.Lines(now).Count());

        now += TimeSpan.FromMinutes(4);
        Assert.Empty(book.Lines(now));
        book.Count(Source(-1), new HostKey("10.0.0.1", 25), 3, now);
        var line = Assert.Single(book.Lines(now));
        Assert.Equal((Source(-1), 3.0), (line.Source, line.PerMinute));
    }

    [Fact]
    public void Many_routes_are_looked_at_in_parts_while_mail_goes_on()
    {
        const int Routes = 2 * FlowSurvey.AtOnce + 500;
        var world = new SimWorld(string.Concat(Enumerable.Range(0, Routes)
            .Select(i => $"d{i}.example 10.0.{i / 250}.{i % 250 + 1}\n")));
        for (var i = 0; i < Routes; i++)
        {
            world.Host($"10.0.{i / 250}.{i % 250 + 1}").Mood = Mood.Refuses;
            world.Accept([.. Enumerable.Range(0, i % 3 + 1).Select(to => $"u{to}@d{i}.example")]);
        }
        world.Accept([.. Enumerable.Range(0, 20).Select(to => $"u{to}@d7.example")]);
        world.Run(TimeSpan.FromSeconds(30));

        var survey = world.Scheduler.Flow.Begin(4);
        Assert.Null(survey.Go());
        // One comes and one goes meanwhile.
        world.Accept("bob@new.example");
        world.Host("10.0.0.9").Mood = Mood.Well;
        world.Run(TimeSpan.FromMinutes(2));
        Assert.Null(survey.Go());
        var flow = survey.Go();

        Assert.NotNull(flow);
        Assert.Equal(4, flow.Routes.Count);
        Assert.Contains("d7.example", flow.Routes.Select(route => route.Name));
        Assert.All(flow.Routes, route => Assert.InRange(route.Waiting, 3, 22));
        Assert.InRange(flow.Rest.Routes, Routes - 5, Routes - 3);
        Assert.InRange(flow.Rest.InTrouble, Routes - 6, Routes - 3);
        var shown = flow.Routes.Sum(route => route.Waiting);
        Assert.Equal(world.Scheduler.Overview.Gauges().ActiveRecipients, flow.Rest.Waiting + shown);
    }

    [Fact]
    public void Mail_that_takes_another_route_is_told_by_that_one_alone()
    {
        var world = new SimWorld("example.com 10.0.0.1\nexample.net 10.0.0.1\n");
        world.Host("10.0.0.1").Mood = world.Host("10.0.0.2").Mood = Mood.Refuses;
        world.Accept("bob@example.com", "eve@example.com");
        world.Accept("bob@example.net");
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(["example.com", "example.net"], Flow(world, 4).Routes.Select(flow => flow.Name));
        world.UseRoutes("ALL 10.0.0.2\n");
        world.Run(TimeSpan.FromSeconds(1));

        var route = Assert.Single(Flow(world, 4).Routes);
        Assert.Equal(("ALL", 3), (route.Name, route.Waiting));
        Assert.Equal(["10.0.0.2:25"], route.Lines.Select(line => line.Host));
    }

    private static FlowReport Flow(SimWorld world, int routes)
    {
        var survey = world.Scheduler.Flow.Begin(routes);
        while (true) if (survey.Go() is { } flow) return flow;
    }

    private static FlowSource Source(int number) => new(FlowKind.Route, $"d{number}.example");

    private static void Accept(SimWorld world, int messages)
    {
        for (var i = 0; i < messages; i++) world.Accept("bob@example.com");
    }
}
