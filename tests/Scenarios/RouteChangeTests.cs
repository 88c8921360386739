using Postern.TestHosts;

namespace Scenarios;

/// <summary>Contract §3, choosing, 8, and special routes: /dev/null and address literals.</summary>
public sealed class RouteChangeTests
{
    private static readonly HostScript Full = new() { Mail = _ => "450 4.7.1 greylisted" };

    [Fact]
    public async Task A_change_applies_at_once_to_mail_that_waits_for_a_host()
    {
        await using var scene = await Scene.StartAsync(route: "example.com {10}");
        scene.First.StopListening();
        await scene.SendAsync("one");
        await scene.LogsAsync(Lines.Pending(1));

        await scene.ChangeRoutesAsync("example.com {20}");
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
    }

    [Fact]
    public async Task A_recipient_with_a_4xx_of_its_own_keeps_its_time_and_then_goes_by_the_new_route()
    {
        await using var scene = await Scene.StartAsync(
            Full, more: "[bounce_profile.default]\ninitial_wait = \"6s\"", route: "example.com {10}");
        await scene.SendAsync("one");
        await scene.LogsAsync(Lines.Pending(1));

        await scene.ChangeRoutesAsync("example.com {20}");
        await scene.Gateway.Log.WaitForAsync("was read and is in force");
        await scene.SendAsync("new");
        await scene.FinishedAsync(1);

        // The new message was not held, and overtakes.
        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "new"));
        await scene.FinishedAsync(2);
        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
        Assert.Equal(1, Scene.Offers(scene.First));
    }

    [Fact]
    public async Task A_file_with_an_error_changes_nothing()
    {
        await using var scene = await Scene.StartAsync(route: "example.com {10}");

        await scene.ChangeRoutesAsync("example.com 192.168.10");
        await scene.Gateway.Log.WaitForAsync("192.168.10");
        await scene.SendAsync("one");
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "one"));
    }

    [Fact]
    public async Task Dev_null_discards_what_is_accepted_from_then_on()
    {
        await using var scene = await Scene.StartAsync(route: "example.com /dev/null");

        await scene.SendAsync("one");
        await scene.FinishedAsync(1);

        Assert.True(scene.Logged("Discarded: MID 1 to RID [0]"));
        Assert.Empty(scene.Senders.Taken);
    }

    [Fact]
    public async Task Mail_that_waits_when_its_route_becomes_dev_null_is_held_and_goes_by_the_route_after_it()
    {
        await using var scene = await Scene.StartAsync(route: "example.com {10}");
        scene.First.StopListening();
        await scene.SendAsync("one");
        await scene.LogsAsync(Lines.Pending(1));

        await scene.ChangeRoutesAsync("example.com /dev/null");
        await scene.Gateway.Log.WaitForAsync("/dev/null now: held");
        await scene.SendAsync("two");
        await scene.Gateway.Log.WaitForAsync("Discarded: MID 2");
        await scene.ChangeRoutesAsync("example.com {20}");
        await scene.FinishedAsync(2);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.Second, "one"));
        Assert.Empty(Scene.Got(scene.Second, "two"));
        Assert.False(scene.Logged("Discarded: MID 1"));
    }

    [Fact]
    public async Task Recipients_in_address_literals_go_by_the_most_specific_entry()
    {
        await using var scene = await Scene.StartAsync(
            route: "[10.1.0.0/16] {10}\n10.1.2.3 {20}\n[2001:db8::/64] {30}");

        await scene.SendAsync("one", "bob@[10.1.9.9]", "carol@[10.1.2.3]", "dave@[IPv6:2001:db8::7]");
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@[10.1.9.9]"], Scene.Got(scene.First, "one"));
        Assert.Equal(["carol@[10.1.2.3]"], Scene.Got(scene.Second, "one"));
        Assert.Equal(["dave@[IPv6:2001:db8::7]"], Scene.Got(scene.Third, "one"));
    }

    [Fact]
    public async Task One_message_for_several_domains_goes_to_each_route()
    {
        await using var scene = await Scene.StartAsync(
            route: "example.com {10}\n.example.com {20}\nALL {30}");

        await scene.SendAsync("one", "bob@example.com", "carol@sub.example.com", "dave@elsewhere.example");
        await scene.FinishedAsync(1);

        Assert.Equal(["bob@example.com"], Scene.Got(scene.First, "one"));
        Assert.Equal(["carol@sub.example.com"], Scene.Got(scene.Second, "one"));
        Assert.Equal(["dave@elsewhere.example"], Scene.Got(scene.Third, "one"));
    }
}
