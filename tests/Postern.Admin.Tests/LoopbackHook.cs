using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Postern.Admin.Tests;

/// <summary>An HTTP server on a free port of loopback, which takes one request after the other as a test asks for it.
/// </summary>
internal sealed class LoopbackHook : IDisposable
{
    private static readonly TimeSpan limit = TimeSpan.FromMinutes(1);
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public LoopbackHook()
    {
        listener.Start();
        Address = new Uri($"http://{listener.LocalEndpoint}/hook");
    }

    public Uri Address { get; }

    /// <summary>Somebody has asked for where a redirect leads.</summary>
    public bool WasRedirected { get; private set; }

    /// <summary>The <c>Authorization</c> of the last request; null: it had none.</summary>
    public string? Authorization { get; private set; }

    /// <summary>The body of the next request, which is answered with this status; it has to come within a minute.
    /// </summary>
    public Task<JsonElement> NextAsync(HttpStatusCode status) => TakeAsync(status).WaitAsync(limit);

    private async Task<JsonElement> TakeAsync(HttpStatusCode status)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var stream = client.GetStream();
        var request = new StringBuilder();
        var octets = new byte[4096];
        int start, length;
        do
        {
            var read = await stream.ReadAsync(octets);
            if (read == 0) throw new IOException("the request was cut");
            request.Append(Encoding.Latin1.GetString(octets, 0, read));
            start = request.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            length = LengthIn(request.ToString());
        }
        while (start < 4 || request.Length < start + length);
        const string Name = "\r\nAuthorization: ";
        Authorization = request.ToString().Split(Name) is [_, var value] ? value.Split("\r\n")[0] : null;
        WasRedirected |= request.ToString().Contains("/elsewhere", StringComparison.Ordinal);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {(int)status} x\r\nLocation: /elsewhere\r\n"
            + "Content-Length: 0\r\nConnection: close\r\n\r\n"));
        using var json = JsonDocument.Parse(BodyIn(request.ToString(start, request.Length - start)));
        return json.RootElement.Clone();
    }

    public void Dispose() => listener.Dispose();

    private static int LengthIn(string request)
    {
        foreach (var line in request.Split("\r\n"))
        {
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                return int.Parse(line[15..], System.Globalization.CultureInfo.InvariantCulture);
        }
        // As of many a simple receiver: a body in pieces (RFC 9112 §7.1) is none.
        return 0;
    }

    private static string BodyIn(string body) =>
        body[body.IndexOf('{', StringComparison.Ordinal)..(body.LastIndexOf('}') + 1)];
}
