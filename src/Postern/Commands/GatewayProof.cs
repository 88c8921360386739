using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Postern.Admin;
using Postern.Admin.Access;

namespace Postern.Commands;

/// <summary>Who listens at the address of the gateway did not prove to be it.</summary>
internal sealed class StrangerException(string reason) : IOException(reason)
{
    /// <summary>What is told of it, behind its address; null: it is somebody else.</summary>
    public string? Told { get; init; }

    /// <summary>It has said nothing at all.</summary>
    public bool IsSilent { get; init; }
}

/// <summary>
/// Opens connections to the gateway, each of which first proves that it leads there (see <see cref="ApiProof"/>):
/// after a <c>kill -9</c> the address of the gateway is still in its data folder, and anybody may listen there. Over
/// TLS it shows the certificate of the file besides.
/// </summary>
/// <param name="token">What both sides know.</param>
/// <param name="isTls">The gateway speaks TLS.</param>
/// <param name="certificate">The one of the configuration; null: none is configured.</param>
internal sealed class GatewayProof(string token, bool isTls, AdminCertificate? certificate)
{
    private const int MaxAnswer = 4096;

    /// <summary>How long the proof may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

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
            var address = (IPEndPoint)socket.RemoteEndPoint!;
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            bound.CancelAfter(Patience);
            try
            {
                if (isTls) stream = await SecureAsync(stream, address, bound.Token);
                await ProveAsync(stream, address, bound.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new StrangerException("no proof in time") { IsSilent = true };
            }
            return stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<SslStream> SecureAsync(Stream plain, IPEndPoint address, CancellationToken cancellationToken)
    {
        X509Certificate? shown = null;
        var secure = new SslStream(plain);
        try
        {
            await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = address.Address.ToString(),
                EnabledSslProtocols = AdminCertificate.Protocols,
                RemoteCertificateValidationCallback = (_, peer, _, _) =>
                    certificate is not null && certificate.IsShownBy(shown = peer),
            }, cancellationToken);
            return secure;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            await secure.DisposeAsync();
            throw shown is null && certificate is not null ? new StrangerException(e.Message)
                : new StrangerException(e.Message)
                {
                    Told = certificate is null ? "speaks TLS, and [admin] tls_cert is not configured"
                        : $"shows another certificate than {certificate.File}",
                };
        }
    }

    private async Task ProveAsync(Stream stream, IPEndPoint address, CancellationToken cancellationToken)
    {
        var nonce = ApiProof.NewNonce();
        try
        {
            var request = $"GET /health/proof/{nonce} HTTP/1.1\r\nHost: {address}\r\n\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(request), cancellationToken);
            if (ProofIn(await ReadAsync(stream, cancellationToken)) is { } proof
                && ApiProof.Holds(proof, token, nonce, address)) return;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new StrangerException(e.Message);
        }
        throw new StrangerException("no proof");
    }

    // Head and body of the answer; the gateway sends it in one piece, with its length, and nothing behind it.
    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancellationToken)
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
