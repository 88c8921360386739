using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Postern.Admin;

namespace Postern.Commands;

/// <summary>Who listens at the address of the gateway does not know its token.</summary>
internal sealed class StrangerException(string reason) : IOException(reason);

/// <summary>
/// Opens connections to the gateway, each of which first proves that it leads there (see <see cref="ApiProof"/>):
/// after a <c>kill -9</c> the address of the gateway is still in its data folder, and anybody may listen there.
/// </summary>
internal sealed class GatewayProof(string token)
{
    private const int MaxAnswer = 4096;
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(5);

    /// <summary>A connection to who has proved to be the gateway.</summary>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="StrangerException">Somebody else does.</exception>
    public async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            var stream = new NetworkStream(socket, ownsSocket: true);
            await ProveAsync(stream, (IPEndPoint)socket.RemoteEndPoint!, cancellationToken);
            return stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task ProveAsync(NetworkStream stream, IPEndPoint address, CancellationToken cancellationToken)
    {
        var nonce = ApiProof.NewNonce();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(patience);
        try
        {
            var request = $"GET /health/proof/{nonce} HTTP/1.1\r\nHost: {address}\r\n\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(request), bound.Token);
            if (ProofIn(await ReadAsync(stream, bound.Token)) is { } proof
                && ApiProof.Holds(proof, token, nonce, address)) return;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StrangerException($"no proof within {patience.TotalSeconds:0} seconds");
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new StrangerException(e.Message);
        }
        throw new StrangerException("no proof");
    }

    // Head and body of the answer; the gateway sends it in one piece, with its length, and nothing behind it.
    private static async Task<string> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var answer = new byte[MaxAnswer];
        var length = 0;
        while (length < answer.Length)
        {
            var read = await stream.ReadAsync(answer.AsMemory(length), cancellationToken);
            if (read == 0) break;
            length += read;
            if (answer[length - 1] == '}') break;
        }
        return Encoding.Latin1.GetString(answer, 0, length);
    }

    private static string? ProofIn(string answer)
    {
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0 || !answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal)) return null;
        return JsonSerializer.Deserialize<ProofAnswer>(answer[(end + 4)..], ApiJson.Options)?.Proof;
    }
}
