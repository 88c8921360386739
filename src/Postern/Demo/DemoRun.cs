using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Postern.Configuration;
using Postern.Routing;
using Postern.Running;

namespace Postern.Demo;

/// <summary>
/// The scenario of the original document with real parts: a gateway on a data folder of its own, two destination
/// hosts of which the first answers 431 in its banner, and a message to <c>bob@example.com</c>.
/// </summary>
internal sealed class DemoRun(string folder, TextWriter output, TimeProvider time)
{
    /// <summary>The whole takes about a second; after this long something is wrong.</summary>
    private static readonly TimeSpan bound = TimeSpan.FromSeconds(20);

    /// <summary>Runs the demo.</summary>
    /// <returns>Null when the second host has the message, else why not.</returns>
    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(bound, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await using var first = StartHost(10, "mail1.example.com", full: true);
            await using var second = StartHost(20, "mail2.example.com", full: false);
            var start = await StartGatewayAsync(first, second, stop.Token);
            if (!start.IsRunning) return string.Join("; ", start.Errors);
            await using (start.Gateway)
            {
                await ShowAsync(start.Gateway, second, stop.Token);
            }
            PrintTable(first, second);
            return second.Messages == 1 ? null : "the message did not reach the second host";
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return $"the message did not reach the second host within {bound.TotalSeconds:0} seconds";
        }
        catch (SocketException e)
        {
            return $"loopback is needed for the demo: {e.Message}";
        }
    }

    /// <summary>A host on 127.0.0.10 or 127.0.0.20; where the system has only 127.0.0.1, there.</summary>
    private DemoHost StartHost(byte lastOctet, string name, bool full)
    {
        try
        {
            return DemoHost.Start(new IPAddress([127, 0, 0, lastOctet]), name, full);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            output.WriteLine($"(this system has no 127.0.0.{lastOctet}; {name} is on a port of 127.0.0.1)");
            return DemoHost.Start(IPAddress.Loopback, name, full);
        }
    }

    private async Task<GatewayStart> StartGatewayAsync(
        DemoHost first, DemoHost second, CancellationToken cancellationToken)
    {
        var routes = $"example.com {first.Address}/pri=0, {second.Address}/pri=10";
        AtomicFile.Write(Path.Combine(folder, "smtproutes"), System.Text.Encoding.UTF8.GetBytes(routes + "\n"));
        const string settings = """
            hostname = "gw.example.net"
            [[listener]]
            address = "127.0.0.1:0"
            [admin]
            address = "127.0.0.1:0"
            """;
        var configuration = ConfigurationReader.Read(settings, "postern.toml", folder).Configuration!;
        output.WriteLine("SMTP route:");
        output.WriteLine($"  {routes}");
        output.WriteLine($"The first host, {first.Address}, answers 431 in its banner.");
        output.WriteLine();
        return await Gateway.StartAsync(configuration, time, new Random(), cancellationToken);
    }

    private async Task ShowAsync(Gateway gateway, DemoHost second, CancellationToken cancellationToken)
    {
        output.WriteLine("alice@src.example sends to bob@example.com. The mail log:");
        using var tap = gateway.Log.Subscribe() ?? throw new InvalidOperationException("a new log has room for a tap");
        var printing = PrintUntilFinishedAsync(tap.Lines, cancellationToken);
        await DemoClient.SendAsync(gateway.Listeners[0].Address, cancellationToken);
        await second.FirstMessage.WaitAsync(cancellationToken);
        await printing;
    }

    private async Task PrintUntilFinishedAsync(
        System.Threading.Channels.ChannelReader<string> lines, CancellationToken cancellationToken)
    {
        await foreach (var line in lines.ReadAllAsync(cancellationToken))
        {
            await output.WriteLineAsync($"  {line}");
            if (line.Contains("Message finished MID", StringComparison.Ordinal)) return;
        }
    }

    private void PrintTable(DemoHost first, DemoHost second)
    {
        output.WriteLine();
        output.WriteLine("host                    connections  answered 431  messages");
        foreach (var host in (DemoHost[])[first, second])
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{host.Address,-22}  {host.Connections,11}  {host.Refused,12}  {host.Messages,8}"));
        }
    }
}
