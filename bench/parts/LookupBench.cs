using System.Net;
using BenchmarkDotNet.Attributes;
using Postern.Mail;
using Postern.Routing;

namespace Parts;

/// <summary>A lookup in a table, which every recipient pays for.</summary>
[MemoryDiagnoser]
public class LookupBench
{
    private SmtpRouteTable _table = SmtpRouteTable.Empty;
    private Domain _exact = null!;
    private Domain _below = null!;
    private Domain _other = null!;
    private IPAddress _address = null!;
    private IPAddress _inPrefix = null!;
    private IPAddress _v6 = null!;

    [Params(40_000, 1_000_000)]
    public int Routes { get; set; }

    [GlobalSetup]
    public void Load()
    {
        var load = SmtpRoutesFile.Parse(RoutesText.Of(Line, Routes));
        _table = load.Table ?? throw new InvalidOperationException(load.Errors[0].ToString());
        var i = Routes / 2;
        _exact = Named(RoutesText.Name(i));
        // 40 labels, none of which but the last three has a route.
        _below = Named($"{string.Join('.', Enumerable.Repeat("l", 37))}.{RoutesText.Name(i + 1)}");
        _other = Named("mail.customer.elsewhere.invalid");
        _address = IPAddress.Parse(RoutesText.V4(i + 2));
        _inPrefix = IPAddress.Parse(RoutesText.V4(20_000_000 + (i + 3) * 2 + 1));
        _v6 = IPAddress.Parse(RoutesText.V6((i + 4) * 16 + 9));
    }

    [Benchmark]
    public SmtpRoute? Exact() => _table.Find(_exact);

    [Benchmark]
    public SmtpRoute? BelowADomainWith40Labels() => _table.Find(_below);

    [Benchmark]
    public SmtpRoute? MissToAll() => _table.Find(_other);

    [Benchmark]
    public SmtpRoute? SingleAddress() => _table.Find(_address);

    [Benchmark]
    public SmtpRoute? AddressInPrefix() => _table.Find(_inPrefix);

    [Benchmark]
    public SmtpRoute? AddressInIPv6Range() => _table.Find(_v6);

    private static Domain Named(string text) =>
        Domain.TryParse(text, out var name) ? name : throw new ArgumentException(text, nameof(text));

    // Every kind of key, a fifth of the table each.
    private string Line(int i) => (i % 5) switch
    {
        _ when i == Routes - 1 => "ALL smarthost.example.net",
        0 => $"{RoutesText.Name(i)} relay{i % 64}.example.net",
        1 => $".{RoutesText.Name(i)} relay{i % 64}.example.net",
        2 => $"{RoutesText.V4(i)} relay{i % 64}.example.net",
        3 => $"{RoutesText.V4(20_000_000 + i * 2)}/31 relay{i % 64}.example.net",
        _ => $"{RoutesText.V6(i * 16)}-{RoutesText.V6(i * 16 + 9)} relay{i % 64}.example.net",
    };
}
