namespace Postern.Routing.Tests;

/// <summary>One server with the zones of <see cref="DnsClientSourceTests"/> and a source that asks it.</summary>
public sealed class UnboundZones : IAsyncLifetime
{
    private UnboundServer _server = null!;

    /// <summary>Asks the server, which names no zone but <c>example.</c> and fails for every other.</summary>
    public DnsClientSource Dns { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var many = string.Concat(Enumerable.Range(1, 150).Select(
            i => $"  local-data: \"many.example. 60 IN A 192.0.2.{i}\"\n"));
        _server = await UnboundServer.StartAsync(
            """
              local-zone: "example." static
              local-data: "example. 3600 IN SOA ns.example. root.example. 1 3600 900 86400 77"
              local-data: "a.example. 120 IN MX 20 mx2.example."
              local-data: "a.example. 120 IN MX 10 mx1.example."
              local-data: "mx1.example. 300 IN A 192.0.2.1"
              local-data: "mx1.example. 300 IN AAAA 2001:db8::1"
              local-data: "xn--bcher-kva.example. 60 IN MX 10 mx.xn--bcher-kva.example."
              local-data: "mx.xn--bcher-kva.example. 60 IN A 192.0.2.3"
              local-data: "xn--d-1ga.example. 60 IN CNAME mx.xn--bcher-kva.example."
              local-data-ptr: "192.0.2.3 mx.xn--bcher-kva.example"
              local-data: "null.example. 60 IN MX 0 ."
              local-data: "ip.example. 60 IN MX 10 192.0.2.1."
              local-data: "mx2.example. 300 IN A 192.0.2.2"
              local-data: "four.example. 60 IN A 192.0.2.4"
              local-data: "six.example. 60 IN AAAA 2001:db8::6"
              local-data: "equal.example. 60 IN MX 10 mx1.example."
              local-data: "equal.example. 60 IN MX 10 mx2.example."
              local-data: "equal.example. 60 IN MX 5 four.example."
              local-data: "unusable.example. 60 IN MX 10 gone.example."
              local-data: "unusable.example. 60 IN A 192.0.2.9"
              local-data: "renamed.example. 60 IN CNAME a.example."
              local-data: "by-alias.example. 60 IN MX 10 alias.example."
              local-data: "inward.example. 60 IN MX 10 inside.example."
              local-data: "inside.example. 60 IN A 127.0.0.1"
              local-data: "doubtful.example. 60 IN MX 10 elsewhere.test-zone.invalid-tld."
              local-data: "alias.example. 30 IN CNAME mx1.example."
              local-data: "loop1.example. 30 IN CNAME loop2.example."
              local-data: "loop2.example. 30 IN CNAME loop1.example."
              local-data-ptr: "192.0.2.1 mx1.example"
              local-data-ptr: "2001:db8::1 mx1.example"
              local-zone: "refused.example." refuse

            """ + string.Concat(Enumerable.Range(1, 12).Select(
                i => $"  local-data: \"c{i}.example. 30 IN CNAME c{i + 1}.example.\"\n")) + many,
            CancellationToken.None);
        Dns = new DnsClientSource([_server.EndPoint]);
    }

    public ValueTask DisposeAsync()
    {
        Dns.Dispose();
        return _server.DisposeAsync();
    }
}
