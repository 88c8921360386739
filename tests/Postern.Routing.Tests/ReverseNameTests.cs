using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace Postern.Routing.Tests;

/// <summary>The name of a client counts as verified only when it leads back to the client.</summary>
public sealed class ReverseNameTests : IDisposable
{
    private readonly string _hosts = Path.GetTempFileName();
    private readonly ZoneMapSource _zones = new();
    private readonly FakeTimeProvider _time = new();

    private Task<(string? Name, bool Verified)> FindAsync(string address) =>
        new ReverseName(_zones, _time, new HostsFile(_hosts)).FindAsync(
            IPAddress.Parse(address), TestContext.Current.CancellationToken);

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

    public void Dispose() => File.Delete(_hosts);

    [Theory]
    [InlineData("127.0.0.1", "localhost")]
    [InlineData("::ffff:127.0.0.1", "localhost")]
    [InlineData("::1", "localhost")]
    [InlineData("10.0.0.5", "relay.example")]
    [InlineData("10.0.0.6", "by-dns.example")] // Its line has no name that a host can have.
    [InlineData("10.0.0.7", "by-dns.example")]
    public async Task The_hosts_file_is_asked_first(string address, string name)
    {
        await File.WriteAllTextAsync(_hosts, "# 10.0.0.7 not.example\r\n127.0.0.1\tlocalhost\r\n127.0.0.1 vm\n"
            + "::1 localhost ip6-localhost\n  10.0.0.5  Relay.example relay # ours\n10.0.0.6 -bad\n10.7 bad.example\n"
            + "10.0.0.7\n", TestContext.Current.CancellationToken);
        foreach (var at in (string[])["10.0.0.5", "10.0.0.6", "10.0.0.7"]) _zones.Pointer(at, "by-dns.example");
        var (found, verified) = await FindAsync(address);
        Assert.Equal((name, name != "by-dns.example"), (found, verified));
    }

    [Fact]
    public void The_hosts_file_may_change_come_and_go_and_be_too_long()
    {
        var hosts = new HostsFile(_hosts);
        var address = IPAddress.Parse("10.0.0.5");
        Assert.Null(hosts.NameOf(address));
        Write("10.0.0.5 one.example", 1);
        Assert.Equal("one.example", hosts.NameOf(address));
        Write("10.0.0.5 two.example", 2);
        Assert.Equal("two.example", hosts.NameOf(address));
        Write("10.0.0.5 two.example".PadRight(HostsFile.MaxLength + 1), 3);
        Assert.Null(hosts.NameOf(address));
        Write("10.0.0.5 two.example", 4);
        Assert.Equal("two.example", hosts.NameOf(address));
        File.Delete(_hosts);
        Assert.Null(hosts.NameOf(address));
    }

    private void Write(string text, int minute)
    {
        File.WriteAllText(_hosts, text);
        File.SetLastWriteTimeUtc(_hosts, new DateTime(2026, 1, 1, 0, minute, 0, DateTimeKind.Utc));
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
