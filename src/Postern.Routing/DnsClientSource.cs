using System.Net;
using System.Text;
using DnsClient;
using DnsClient.Protocol;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>
/// Asks DNS servers by DnsClient: EDNS with 1,232 octets, TCP when an answer is truncated, two tries of three seconds
/// for each server. Keeps nothing; see <see cref="CachingDnsSource"/>. May be used by several threads.
/// </summary>
public sealed class DnsClientSource : IDnsSource, IDisposable
{
    /// <summary>Records of an answer that are used (N4); the rest is ignored.</summary>
    public const int MaxRecords = 100;

    /// <summary>CNAMEs in a row (N3); more are a temporary failure, as a loop is.</summary>
    public const int MaxChain = 8;

    /// <summary>Questions under way at once; further ones wait, so that a burst does not use up the sockets.</summary>
    public const int MaxConcurrent = 200;

    // RFC 2308 §5 takes this time from the SOA record; some servers send none.
    private static readonly TimeSpan NegativeTime = TimeSpan.FromSeconds(60);
    // RFC 2308 §5: one to three hours are the longest that have been found useful.
    private static readonly TimeSpan LongestNegativeTime = TimeSpan.FromHours(3);

    private readonly LookupClient _client;
    private readonly SemaphoreSlim _places = new(MaxConcurrent);

    /// <summary>
    /// Asks these servers, in this order; none: those of the system. <paramref name="timeout"/> is for each try; null:
    /// three seconds.
    /// </summary>
    public DnsClientSource(IReadOnlyList<IPEndPoint> servers, TimeSpan? timeout = null)
    {
        var options = servers.Count == 0
            ? new LookupClientOptions()
            : new LookupClientOptions([.. servers]) { AutoResolveNameServers = false };
        options.UseCache = false;
        options.Timeout = timeout ?? TimeSpan.FromSeconds(3);
        options.Retries = 1;
        options.UseTcpFallback = true;
        options.ExtendedDnsBufferSize = 1232;
        options.ThrowDnsErrors = false;
        options.ContinueOnDnsError = true;
        options.ContinueOnEmptyResponse = false;
        options.UseRandomNameServer = false;
        _client = new LookupClient(options);
    }

    /// <inheritdoc/>
    public Task<DnsAnswer<MxRecord>> LookupMxAsync(Domain name, CancellationToken cancellationToken) =>
        LookupAsync(name.Name, QueryType.MX, (DnsClient.Protocol.MxRecord mx, List<MxRecord> records) =>
        {
            var exchange = NameOf(mx.Exchange);
            if (exchange == ".") records.Add(new MxRecord(mx.Preference, null));
            // An exchange that is no host name leads nowhere. It is left out, but the answer stays one with MX
            // records, so that the addresses of the domain are not used instead (RFC 5321 §5.1).
            else if (Domain.TryParse(exchange, out var host)) records.Add(new MxRecord(mx.Preference, host));
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<DnsAnswer<IPAddress>> LookupAddressesAsync(Domain name, bool v6, CancellationToken cancellationToken) =>
        LookupAsync(name.Name, v6 ? QueryType.AAAA : QueryType.A,
            (AddressRecord record, List<IPAddress> records) => records.Add(record.Address), cancellationToken);

    /// <inheritdoc/>
    public Task<DnsAnswer<Domain>> LookupPointerAsync(IPAddress address, CancellationToken cancellationToken) =>
        LookupAsync(LookupClient.GetReverseQuestion(AddressText.Normal(address)).QueryName.Value, QueryType.PTR,
            (PtrRecord record, List<Domain> records) =>
            {
                if (Domain.TryParse(NameOf(record.PtrDomainName), out var name)) records.Add(name);
            }, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private async Task<DnsAnswer<T>> LookupAsync<T, TRecord>(
        string name, QueryType type, Action<TRecord, List<T>> add, CancellationToken cancellationToken)
        where TRecord : DnsResourceRecord
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var timeToLive = TimeSpan.MaxValue;
        while (true)
        {
            var (response, error) = await AskAsync(name, type, cancellationToken).ConfigureAwait(false);
            if (response is null) return Temporary<T>(error!);
            var alias = Follow(response, ref name, seen, ref timeToLive);
            if (alias is not null) return Temporary<T>(alias);

            if (response.Header.ResponseCode == DnsHeaderResponseCode.NotExistentDomain)
            {
                return new(DnsStatus.NxDomain, [], Least(timeToLive, NegativeTimeOf(response)));
            }
            var owner = name;
            var records = new List<T>();
            var found = 0;
            foreach (var record in response.Answers.OfType<TRecord>().Where(r => IsName(r.DomainName, owner)))
            {
                if (found++ == MaxRecords) break;
                add(record, records);
                timeToLive = Least(timeToLive, TimeSpan.FromSeconds(record.TimeToLive));
            }
            if (found > 0) return new(DnsStatus.Found, records, timeToLive);
            // A server that did not follow the chain to its end is asked for the rest of it.
            if (seen.Add(name) && seen.Count > 1 && !response.Authorities.SoaRecords().Any()) continue;
            return new(DnsStatus.NoData, [], Least(timeToLive, NegativeTimeOf(response)));
        }
    }

    // Goes along the CNAMEs of an answer; returns what is wrong with them, or null.
    private static string? Follow(
        IDnsQueryResponse response, ref string name, HashSet<string> seen, ref TimeSpan timeToLive)
    {
        while (true)
        {
            var owner = name;
            var alias = response.Answers.OfType<CNameRecord>().FirstOrDefault(r => IsName(r.DomainName, owner));
            if (alias is null) return null;
            if (!seen.Add(name)) return "the CNAMEs form a loop";
            if (seen.Count > MaxChain) return $"more than {MaxChain} CNAMEs in a row";
            timeToLive = Least(timeToLive, TimeSpan.FromSeconds(alias.TimeToLive));
            name = NameOf(alias.CanonicalName);
        }
    }

    private async Task<(IDnsQueryResponse? Response, string? Error)> AskAsync(
        string name, QueryType type, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var response = await _client.QueryAsync(name, type, QueryClass.IN, cancellationToken).ConfigureAwait(false);
            var code = response.Header.ResponseCode;
            return code is DnsHeaderResponseCode.NoError or DnsHeaderResponseCode.NotExistentDomain
                ? (response, null) : (null, TextOf(code));
        }
        catch (DnsResponseException e)
        {
            return (null, e.Code == DnsResponseCode.ConnectionTimeout ? "time-out" : e.Message);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // DnsClient throws many kinds for malformed answers and network faults. Doubt is temporary (N5).
            return (null, e is OperationCanceledException ? "time-out" : e.Message);
        }
        finally
        {
            _places.Release();
        }
    }

    private static string TextOf(DnsHeaderResponseCode code) => code switch
    {
        DnsHeaderResponseCode.ServerFailure => "SERVFAIL",
        DnsHeaderResponseCode.Refused => "REFUSED",
        _ => code.ToString(),
    };

    private static bool IsName(DnsString one, string other) =>
        NameOf(one).AsSpan().TrimEnd('.').Equals(other.AsSpan().TrimEnd('.'), StringComparison.OrdinalIgnoreCase);

    // DnsClient has the U-labels in Value for the owner of a record and in Original for a name in its data.
    private static string NameOf(DnsString name) => Ascii.IsValid(name.Original) ? name.Original : name.Value;

    // RFC 2308 §5: the lesser of the SOA record's own time and its MINIMUM field.
    private static TimeSpan NegativeTimeOf(IDnsQueryResponse response)
    {
        var soa = response.Authorities.SoaRecords().FirstOrDefault();
        return soa is null ? NegativeTime
            : Least(TimeSpan.FromSeconds(Math.Min((double)soa.Minimum, soa.TimeToLive)), LongestNegativeTime);
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static DnsAnswer<T> Temporary<T>(string error) =>
        new(DnsStatus.TemporaryFailure, [], TimeSpan.Zero, error);
}
