using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Scenarios;

/// <summary>Bodies stream through: memory for a session is a few buffers, whatever the size (hardening V3).</summary>
[Collection(AloneCollection.Name)]
public sealed class LargeMessageTests
{
    private const int Clients = 40;
    private const int Octets = 49_000_000;
    private const int PieceLines = 1000;
    private const long AllowedGrowth = 100_000_000;

    [Fact]
    public async Task Forty_clients_send_49_megabytes_each_at_a_time_and_memory_stays_flat()
    {
        await using var host = new DigestHost("127.0.0.10");
        await using var gateway = await GatewayProcess.StartAsync($"example.com {host.EndPoint}\n");
        await SendAsync(gateway, 0, 1);
        await gateway.Log.WaitForAsync("Message finished MID 1 done");
        var idle = Memory(gateway.Id, "VmRSS");

        var sent = await Task.WhenAll(
            Enumerable.Range(1, Clients).Select(client => SendAsync(gateway, client, Octets)));
        await FinishedAsync(gateway, Clients + 1);

        var peak = Memory(gateway.Id, "VmHWM");
        TestContext.Current.SendDiagnosticMessage($"idle {idle / 1_000_000} MB, peak {peak / 1_000_000} MB");
        Assert.Equal(sent.Order(), host.Digests.Skip(1).Order());
        Assert.True(peak - idle < AllowedGrowth, $"memory grew from {idle} to {peak} octets");
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    // Two gigabytes go to the disk and back before the last line is there.
    private static async Task FinishedAsync(GatewayProcess gateway, int messages)
    {
        const int Waits = 5;
        for (var wait = 1; ; wait++)
        {
            try
            {
                await gateway.Log.WaitForAllAsync(events => events.Count(
                    line => line.StartsWith("Message finished", StringComparison.Ordinal)) == messages, "all messages");
                return;
            }
            catch (TimeoutException) when (wait < Waits)
            {
                continue;
            }
        }
    }

    // Returns the digest of what was sent.
    private static async Task<string> SendAsync(GatewayProcess gateway, int client, int octets)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var probe = await SmtpProbe.GreetAsync(gateway.Smtp);
        var mail = await probe.SayAsync("MAIL FROM:<alice@src.example> BODY=8BITMIME");
        Assert.StartsWith("250", mail, StringComparison.Ordinal);
        Assert.StartsWith("250", await probe.SayAsync("RCPT TO:<bob@example.com>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await probe.SayAsync("DATA"), StringComparison.Ordinal);
        var header = Encoding.ASCII.GetBytes($"Subject: large {client}\r\n\r\n");
        var piece = Piece(client);
        digest.AppendData(header);
        await probe.SendAsync(header);
        for (var at = 0; at < octets; at += piece.Length)
        {
            var part = octets - at < piece.Length ? piece.AsMemory(piece.Length - Whole(octets - at)) : piece;
            digest.AppendData(part.Span);
            await probe.SendAsync(part);
        }

        Assert.StartsWith("250 ", await probe.SayAsync("."), StringComparison.Ordinal);
        return Convert.ToHexString(digest.GetHashAndReset());
    }

    private static int Whole(int octets) => Math.Max(1, octets / LineOctets) * LineOctets;

    private const int LineOctets = 490;

    // Lines of octets of all kinds but CR, LF and NUL; none begins with a dot, which would have to be doubled.
    private static byte[] Piece(int client)
    {
        var random = new Random(client);
        var piece = new byte[PieceLines * LineOctets];
        random.NextBytes(piece);
        for (var i = 0; i < piece.Length; i++)
        {
            var startsWithDot = i % LineOctets == 0 && piece[i] == '.';
            if (startsWithDot || piece[i] is 0 or (byte)'\r' or (byte)'\n') piece[i] = (byte)'x';
        }

        for (var end = LineOctets; end <= piece.Length; end += LineOctets) (piece[end - 2], piece[end - 1]) = (13, 10);
        return piece;
    }

    private static long Memory(int process, string field)
    {
        var line = File.ReadLines($"/proc/{process}/status")
            .First(line => line.StartsWith(field + ":", StringComparison.Ordinal));
        return long.Parse(line[(field.Length + 1)..].Replace("kB", "", StringComparison.Ordinal),
            CultureInfo.InvariantCulture) * 1024;
    }
}
