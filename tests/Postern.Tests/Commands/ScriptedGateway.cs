using System.Net;
using System.Net.Sockets;
using System.Text;
using Postern.Admin;

namespace Postern.Tests.Commands;

/// <summary>
/// A gateway that proves to be one and then answers a single request with the lines that a test gives it.
/// </summary>
internal sealed class ScriptedGateway : IAsyncDisposable
{
    private static readonly string token = new('a', 64);

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private TcpClient? served;

    private ScriptedGateway() => listener.Start();

    /// <summary>What was asked.</summary>
    public Task<string> Asked { get; private set; } = Task.FromResult("");

    /// <summary>Listens where the configuration of a folder has its gateway.</summary>
    public static ScriptedGateway Start(WorkFolder work)
    {
        var gateway = new ScriptedGateway();
        Directory.CreateDirectory(work.PathOf("data"));
        work.Write("data/api-address", $"http://{gateway.listener.LocalEndpoint}/\n");
        work.Write("data/api-token", token);
        gateway.Asked = gateway.ServeAsync();
        return gateway;
    }

    /// <summary>Sends a line of the answer.</summary>
    public async Task SayAsync(string line)
    {
        await Asked;
        await served!.GetStream().WriteAsync(Encoding.ASCII.GetBytes(line + "\n"));
    }

    /// <summary>Ends the answer.</summary>
    public async Task EndAsync()
    {
        await Asked;
        served!.Client.Shutdown(SocketShutdown.Send);
    }

    public ValueTask DisposeAsync()
    {
        served?.Dispose();
        listener.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> ServeAsync()
    {
        served = await listener.AcceptTcpClientAsync();
        var stream = served.GetStream();
        var nonce = (await HeadAsync(stream)).Split(' ')[1].Split('/')[^1];
        var body = $$"""{"proof":"{{ApiProof.Of(token, nonce, (IPEndPoint)listener.LocalEndpoint)}}"}""";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        var asked = await HeadAsync(stream);
        await stream.WriteAsync(
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n"u8.ToArray());
        return asked;
    }

    private static async Task<string> HeadAsync(NetworkStream stream)
    {
        var (head, one) = (new StringBuilder(), new byte[1]);
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
            head.Append((char)one[0]);
        return head.ToString();
    }
}
