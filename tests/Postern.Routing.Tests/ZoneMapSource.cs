using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Postern.Mail;

namespace Postern.Routing.Tests;

/// <summary>
/// DNS as a map, for tests: a name that is nowhere in it is NXDOMAIN, one without the type asked for NODATA.
/// </summary>
public sealed class ZoneMapSource : IDnsSource
{
    private readonly ConcurrentDictionary<string, List<MxRecord>> _mx = new();
    private readonly ConcurrentDictionary<string, List<IPAddress>> _addresses = new();
    private readonly ConcurrentDictionary<string, List<Domain>> _pointers = new();
    private readonly ConcurrentDictionary<string, string> _failing = new();

    /// <summary>The time to live of every answer.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>What was asked, as <c>MX example.com</c>.</summary>
    public ConcurrentQueue<string> Questions { get; } = new();

    /// <summary>Every answer waits for this.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Adds an MX record; the exchange "." is the null MX.</summary>
    public ZoneMapSource Mx(string name, int preference, string exchange)
    {
        _mx.GetOrAdd(name, _ => []).Add(new MxRecord(preference, exchange == "." ? null : Name(exchange)));
        return this;
    }

    /// <summary>Makes an MX answer whose exchanges are no host names.</summary>
    public ZoneMapSource MxWithoutNames(string name)
    {
        _mx.GetOrAdd(name, _ => []);
        return this;
    }

    /// <summary>Adds A and AAAA records.</summary>
    public ZoneMapSource Address(string name, params string[] addresses)
    {
        _addresses.GetOrAdd(name, _ => []).AddRange(addresses.Select(IPAddress.Parse));
        return this;
    }

    /// <summary>Adds a PTR record.</summary>
    public ZoneMapSource Pointer(string address, string name)
    {
        _pointers.GetOrAdd(address, _ => []).Add(Name(name));
        return this;
    }

    /// <summary>Every question of this kind (<c>MX example.com</c>) fails for now; null: no longer.</summary>
    public ZoneMapSource Fail(string question, string? error = "SERVFAIL")
    {
        if (error is null) _failing.TryRemove(question, out _);
        else _failing[question] = error;
        return this;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _mx.Clear();
        _addresses.Clear();
        _pointers.Clear();
        _failing.Clear();
    }

    /// <inheritdoc/>
    public Task<DnsAnswer<MxRecord>> LookupMxAsync(Domain name, CancellationToken cancellationToken) =>
        AnswerAsync(
            $"MX {name}", name.Name, _mx.GetValueOrDefault(name.Name), _mx.ContainsKey(name.Name), cancellationToken);

    /// <inheritdoc/>
    public Task<DnsAnswer<IPAddress>> LookupAddressesAsync(Domain name, bool v6, CancellationToken cancellationToken)
    {
        var family = v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        var found = _addresses.GetValueOrDefault(name.Name)?.Where(a => a.AddressFamily == family).ToList() ?? [];
        return AnswerAsync($"{(v6 ? "AAAA" : "A")} {name}", name.Name, found, found.Count > 0, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<DnsAnswer<Domain>> LookupPointerAsync(IPAddress address, CancellationToken cancellationToken)
    {
        var key = address.ToString();
        return AnswerAsync(
            $"PTR {key}", key, _pointers.GetValueOrDefault(key), _pointers.ContainsKey(key), cancellationToken);
    }

    private async Task<DnsAnswer<T>> AnswerAsync<T>(
        string question, string name, List<T>? records, bool found, CancellationToken cancellationToken)
    {
        Questions.Enqueue(question);
        await Gate.WaitAsync(cancellationToken);
        if (_failing.TryGetValue(question, out var error))
        {
            return new(DnsStatus.TemporaryFailure, [], TimeSpan.Zero, error);
        }
        if (found) return new(DnsStatus.Found, [.. records!], TimeToLive);
        var exists = _mx.ContainsKey(name) || _addresses.ContainsKey(name) || _pointers.ContainsKey(name);
        return new(exists ? DnsStatus.NoData : DnsStatus.NxDomain, [], TimeToLive);
    }

    private static Domain Name(string text) =>
        Domain.TryParse(text, out var name) ? name : throw new ArgumentException(text, nameof(text));
}
