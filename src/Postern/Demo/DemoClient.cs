using System.Net;
using System.Net.Sockets;

namespace Postern.Demo;

/// <summary>Sends the one message of the demo by SMTP, as any client would.</summary>
internal static class DemoClient
{
    private static readonly string[] message =
    [
        "From: Alice <alice@src.example>",
        "To: Bob <bob@example.com>",
        "Subject: hello",
        "Message-ID: <demo@src.example>",
        "",
        "The first host is full; the second one takes this.",
        ".",
    ];

    /// <summary>Hands the message to the gateway.</summary>
    /// <exception cref="IOException">The gateway did not take it; the message says what it answered.</exception>
    public static async Task SendAsync(IPEndPoint gateway, CancellationToken cancellationToken)
    {
        using var client = new TcpClient(gateway.AddressFamily);
        await client.ConnectAsync(gateway, cancellationToken);
        var lines = new SmtpLines(client.GetStream());
        await ExpectAsync(lines, '2', cancellationToken);
        foreach (var (command, reply) in new[]
        {
            ("EHLO src.example", '2'), ("MAIL FROM:<alice@src.example>", '2'), ("RCPT TO:<bob@example.com>", '2'),
            ("DATA", '3'),
        })
        {
            await lines.WriteAsync(cancellationToken, command);
            await ExpectAsync(lines, reply, cancellationToken);
        }
        await lines.WriteAsync(cancellationToken, message);
        await ExpectAsync(lines, '2', cancellationToken);
        await lines.WriteAsync(cancellationToken, "QUIT");
        await ExpectAsync(lines, '2', cancellationToken);
    }

    private static async Task ExpectAsync(SmtpLines lines, char firstDigit, CancellationToken cancellationToken)
    {
        string? line;
        do line = await lines.ReadAsync(cancellationToken);
        while (line is { Length: > 3 } && line[3] == '-');
        if (line is null || line.Length < 3 || line[0] != firstDigit)
            throw new IOException($"the gateway answered '{line ?? "nothing"}'");
    }
}
