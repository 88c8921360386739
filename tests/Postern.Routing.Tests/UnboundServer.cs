using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Postern.Routing.Tests;

/// <summary>Debian's unbound on a free loopback port, answering from its local data only.</summary>
public sealed class UnboundServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-unbound-").FullName;
    private readonly Process _process;

    private UnboundServer(int port, string zones)
    {
        EndPoint = new IPEndPoint(IPAddress.Loopback, port);
        var file = Path.Combine(_folder, "unbound.conf");
        File.WriteAllText(file, $"""
            server:
              interface: 127.0.0.1@{port}
              port: {port}
              do-daemonize: no
              chroot: ""
              username: ""
              directory: "{_folder}"
              pidfile: ""
              use-syslog: no
              logfile: ""
              verbosity: 1
              num-threads: 1
              module-config: "iterator"
              access-control: 127.0.0.0/8 allow
              do-not-query-localhost: yes
            {zones}
            forward-zone:
              name: "."
              forward-addr: 127.0.0.1@1
            remote-control:
              control-enable: no
            """);
        _process = Process.Start(new ProcessStartInfo("/usr/sbin/unbound", ["-d", "-c", file])
        {
            // Both, so that it never holds on to the output of the tests.
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("unbound did not start");
    }

    /// <summary>Where it answers.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Starts it and waits until it says that it serves.</summary>
    public static async Task<UnboundServer> StartAsync(string zones, CancellationToken cancellationToken)
    {
        var server = new UnboundServer(FreePort(), zones);
        var said = new List<string>();
        try
        {
            while (await server._process.StandardError.ReadLineAsync(cancellationToken) is { } line)
            {
                said.Add(line);
                if (line.Contains("start of service", StringComparison.Ordinal)) return server;
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
        await server.DisposeAsync();
        throw new InvalidOperationException($"unbound did not start: {string.Join('\n', said)}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // One that is free for UDP and TCP alike: a server binds both.
    private static int FreePort()
    {
        while (true)
        {
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var port = ((IPEndPoint)tcp.LocalEndPoint!).Port;
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                udp.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                continue;
            }
        }
    }
}
