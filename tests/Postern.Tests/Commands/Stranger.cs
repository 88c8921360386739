using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Postern.Tests.Commands;

/// <summary>
/// Somebody who listens where a gateway was: keeps what it is told, and answers 200 with a made-up proof, or with what
/// the gateway says to the same question.
/// </summary>
internal sealed class Stranger : IAsyncDisposable
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(60);

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Channel<string> heard = Channel.CreateUnbounded<string>();
    private readonly Uri? gateway;
    private Task serving = Task.CompletedTask;

    private Stranger(Uri? gateway) => this.gateway = gateway;

    public IPEndPoint Address => (IPEndPoint)listener.LocalEndpoint;

    /// <summary>What was said on the next connection, once it has ended.</summary>
    public Task<string> HearAsync() => heard.Reader.ReadAsync().AsTask().WaitAsync(patience);

    public static Stranger Start(Uri? gateway = null)
    {
        var stranger = new Stranger(gateway);
        stranger.listener.Start();
        stranger.serving = stranger.ServeAsync();
        return stranger;
    }

    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        await serving;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync();
            }
            catch (Exception e) when (e is SocketException or InvalidOperationException)
            {
                // The end of the test: the listener is closed while it waits, or was closed before it did.
                return;
            }
            using (client) await AnswerAsync(client.GetStream());
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        var isAnswered = false;
        int read;
        // Everything that is said on the connection is heard, until the client leaves.
        while ((read = await stream.ReadAsync(buffer)) > 0)
        {
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            if (isAnswered || !text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)) continue;
            isAnswered = true;
            var body = await ProofAsync(text.ToString().Split(' ')[1]);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        }
        await heard.Writer.WriteAsync(text.ToString());
    }

    private async Task<string> ProofAsync(string path)
    {
        if (gateway is null) return $$"""{"proof":"{{new string('0', 64)}}"}""";
        using var http = new HttpClient { BaseAddress = gateway };
        return await http.GetStringAsync(new Uri(path, UriKind.Relative));
    }
}
