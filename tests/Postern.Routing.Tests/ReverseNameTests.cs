using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace Postern.Routing.Tests;

/// <summary>The name of a client counts as verified only when it leads back to the client.</summary>
public class ReverseNameTests
{
    private readonly ZoneMapSource _zones = new();
    private readonly FakeTimeProvider _time = new();

    private Task<(string? Name, bool Verified)> FindAsync(string address) =>
        new ReverseName(_zones, _time).FindAsync(IPAddress.Parse(address), TestContext.Current.CancellationToken);

    [Theory]
    [InlineData("192.0.2.1", "host.example", true)]
    [InlineData("::ffff:192.0.2.1", "host.example", true)] // N13
    [InlineData("2001:db8::1", "six.example", true)]
    [InlineData("192.0.2.2", "forged.example", false)]
    [InlineData("192.0.2.3", "second.example", true)]
    [InlineData("192.0.2.9", null, false)]
    public async Task It_is_confirmed_by_its_addresses(string address, string? name, bool verified)
    {
        _zones.Pointer("192.0.2.1", "host.example").Address("host.example", "192.0.2.1")
            .Pointer("2001:db8::1", "six.example").Address("six.example", "2001:db8::1")
            .Pointer("192.0.2.2", "forged.example").Address("forged.example", "192.0.2.99")
            .Pointer("192.0.2.3", "first.example").Pointer("192.0.2.3", "second.example")
            .Address("second.example", "192.0.2.3");
        Assert.Equal((name, verified), await FindAsync(address));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_leaves_the_name_unknown_after_five_seconds()
    {
        _zones.Gate = new TaskCompletionSource().Task;
        var finding = FindAsync("192.0.2.1");
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(finding.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal((null, false), await finding);
    }
}
