using System.Net;
using System.Net.Sockets;
using System.Text;
using Postern.TestHosts;
using TestTools;

namespace Failover;

/// <summary>
/// Clients that send without a pause, each its next message when the gateway has said 250 to the last one. A reply that
/// is not the expected one ends the run, as mail that was not taken would make every figure doubtful.
/// </summary>
internal sealed class Load(int port, Tally tally, Options options) : IDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly byte[] _content = Encoding.ASCII.GetBytes(
        "From: <sender@source.example>\r\nSubject: bench\r\n\r\n"
        + string.Concat(Enumerable.Repeat(new string('x', 78) + "\r\n", options.Length / 80)) + ".\r\n");

    private Task _clients = Task.CompletedTask;

    public void Start() => _clients = Task.WhenAll(
        Enumerable.Range(0, options.Clients).Select(_ => Task.Run(RunClientAsync)));

    /// <summary>Throws what a client met; a client never ends by itself.</summary>
    public async Task WhileAsync(Task task)
    {
        if (await Task.WhenAny(task, _clients) == _clients)
        {
            await _clients;
        }

        await task;
    }

    /// <summary>Ends each client behind the message that it is sending.</summary>
    public async Task StopAsync()
    {
        await _ending.CancelAsync();
        await _clients;
    }

    public void Dispose() => _ending.Dispose();

    private async Task RunClientAsync()
    {
        try
        {
            await SendAsync();
        }
        catch
        {
            // The others end too, so that the run does.
            await _ending.CancelAsync();
            throw;
        }
    }

    private async Task SendAsync()
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        var stream = client.GetStream();
        var reader = new HostReader(stream);
        await ExpectAsync(reader, "220");
        await stream.WriteAsync("EHLO source.example\r\n"u8.ToArray());
        await ExpectAsync(reader, "250");
        while (await BeginAsync() is { } message)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"MAIL FROM:<sender@source.example>\r\nRCPT TO:<{message}@destination.example>\r\nDATA\r\n"));
            await ExpectAsync(reader, "250");
            await ExpectAsync(reader, "250");
            await ExpectAsync(reader, "354");
            await stream.WriteAsync(_content);
            await ExpectAsync(reader, "250");
            tally.Accepted(message);
        }

        await stream.WriteAsync("QUIT\r\n"u8.ToArray());
    }

    private async Task<int?> BeginAsync()
    {
        try
        {
            return await tally.BeginAsync(_ending.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task ExpectAsync(HostReader reader, string code)
    {
        string? line;
        do
        {
            line = await reader.ReadLineAsync(CancellationToken.None);
            if (line?.StartsWith(code, StringComparison.Ordinal) != true)
            {
                throw new RunException($"the gateway was to say {code} and said: {line ?? "nothing, it left"}");
            }
        }
        while (line is [_, _, _, '-', ..]);
    }
}
