using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace Postern.Routing.Tests;

/// <summary>Answers are kept for their time, shared, and bounded.</summary>
public class CachingDnsSourceTests
{
    private readonly ZoneMapSource _zones = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private CachingDnsSource Cache(int maxEntries = 100) => new(_zones, _time, maxEntries);

    private static Task<DnsAnswer<IPAddress>> AskAsync(CachingDnsSource cache, string name) =>
        cache.LookupAddressesAsync(RoutesFileTests.Name(name), false, Cancel);

    [Theory]
    [InlineData(300, 299, 301)]
    [InlineData(0, 4, 6)] // never less than five seconds
    [InlineData(9_999_999, 86_399, 86_401)] // never more than a day
    public async Task An_answer_is_kept_for_its_time_to_live(int ttl, int kept, int gone)
    {
        _zones.Address("a.example", "192.0.2.1").TimeToLive = TimeSpan.FromSeconds(ttl);
        var cache = Cache();
        await AskAsync(cache, "a.example");
        _time.Advance(TimeSpan.FromSeconds(kept));
        Assert.Equal(TimeSpan.FromSeconds(1), (await AskAsync(cache, "a.example")).TimeToLive);
        Assert.Single(_zones.Questions);
        _time.Advance(TimeSpan.FromSeconds(gone - kept));
        await AskAsync(cache, "a.example");
        Assert.Equal(2, _zones.Questions.Count);
    }

    [Fact]
    public async Task That_a_name_does_not_exist_is_kept_as_well_and_a_failure_for_seconds_only()
    {
        var cache = Cache();
        Assert.Equal(DnsStatus.NxDomain, (await AskAsync(cache, "a.example")).Status);
        _zones.Address("a.example", "192.0.2.1").Fail("A b.example");
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(DnsStatus.NxDomain, (await AskAsync(cache, "a.example")).Status);
        Assert.Equal(DnsStatus.TemporaryFailure, (await AskAsync(cache, "b.example")).Status);
        _zones.Fail("A b.example", null).Address("b.example", "192.0.2.2");
        Assert.Equal(DnsStatus.TemporaryFailure, (await AskAsync(cache, "b.example")).Status);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(DnsStatus.Found, (await AskAsync(cache, "b.example")).Status);
    }

    [Fact]
    public async Task Those_who_ask_the_same_at_once_share_a_lookup_and_one_who_leaves_takes_nothing_away()
    {
        var gate = new TaskCompletionSource();
        _zones.Address("a.example", "192.0.2.1").Gate = gate.Task;
        var cache = Cache();
        using var leaves = new CancellationTokenSource();
        var first = cache.LookupAddressesAsync(RoutesFileTests.Name("a.example"), false, leaves.Token);
        var others = Enumerable.Range(0, 50).Select(_ => AskAsync(cache, "a.example")).ToArray();
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        foreach (var answer in await Task.WhenAll(others)) Assert.Equal("192.0.2.1", answer.Records[0].ToString());
        Assert.Single(_zones.Questions);
    }

    [Fact]
    public async Task A_flush_forgets_everything()
    {
        var cache = Cache();
        await AskAsync(cache, "a.example");
        _zones.Address("a.example", "192.0.2.1");
        cache.Flush();
        Assert.Equal(0, cache.Count);
        Assert.Equal(DnsStatus.Found, (await AskAsync(cache, "a.example")).Status);
    }

    [Fact] // D7: no list without a limit
    public async Task The_number_of_answers_is_bounded_and_what_is_in_use_stays()
    {
        var cache = Cache(maxEntries: 100);
        for (var i = 0; i < 1000; i++)
        {
            await AskAsync(cache, $"n{i}.example");
            await AskAsync(cache, "often.example");
            Assert.InRange(cache.Count, 1, 100);
        }
        Assert.Single(_zones.Questions, q => q == "A often.example");
    }

    [Fact]
    public async Task Kinds_of_questions_do_not_mix()
    {
        _zones.Address("a.example", "192.0.2.1", "2001:db8::1").Mx("a.example", 1, "b.example")
            .Pointer("192.0.2.1", "a.example");
        var cache = Cache();
        var name = RoutesFileTests.Name("a.example");
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("192.0.2.1", (await cache.LookupAddressesAsync(name, false, Cancel)).Records[0].ToString());
            Assert.Equal("2001:db8::1", (await cache.LookupAddressesAsync(name, true, Cancel)).Records[0].ToString());
            Assert.Equal(1, (await cache.LookupMxAsync(name, Cancel)).Records[0].Preference);
            Assert.Equal(name, (await cache.LookupPointerAsync(IPAddress.Parse("192.0.2.1"), Cancel)).Records[0]);
        }
        Assert.Equal(4, _zones.Questions.Count);
    }
}
