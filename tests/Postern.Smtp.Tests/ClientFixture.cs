using System.Text;
using Postern.Mail;
using Postern.Smtp.Client;
using Postern.TestHosts;

namespace Postern.Smtp.Tests;

/// <summary>What the tests of the client share: options, messages, sessions with a scripted host.</summary>
internal static class ClientFixture
{
    public const string Hello = "Subject: hello\r\n\r\nhello\r\n";

    public static SmtpClientOptions Options { get; } = new() { HostName = "gw.example.com" };

    public static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static OutgoingTransaction Message(string content = Hello, params string[] recipients) =>
        Message(Encoding.Latin1.GetBytes(content), recipients);

    public static OutgoingTransaction Message(byte[] content, params string[] recipients) => new(
        new Envelope { ReversePath = Mailbox.Parse("alice@src.example") },
        [.. (recipients.Length == 0 ? ["bob@example.com"] : recipients).Select(
            (address, at) => new EnvelopeRecipient(new Rid(at), Mailbox.Parse(address)))],
        content.Length, content.Any(octet => octet > 127), () => new Pieces(content, 4096));

    public static async Task<SmtpClientSession> ConnectAsync(
        ScriptedHost host, TimeProvider? time = null, ReplyPulse? pulse = null, SmtpClientOptions? options = null)
    {
        var (session, fault) = await SmtpClientSession.ConnectAsync(
            host.EndPoint, null, options ?? Options, time ?? TimeProvider.System, pulse ?? new ReplyPulse(), Cancelled);
        Assert.Null(fault);
        return session!;
    }

    public static async Task<SmtpClientSession> OpenAsync(
        ScriptedHost host, TimeProvider? time = null, ReplyPulse? pulse = null, SmtpClientOptions? options = null)
    {
        var session = await ConnectAsync(host, time, pulse, options);
        var opening = await session.OpenAsync(Cancelled);
        Assert.True(opening.IsReady, $"{opening}");
        return session;
    }

    /// <summary>The commands of all connections, in order.</summary>
    public static string[] Lines(ScriptedHost host) => [.. host.Commands.Select(command => command.Line)];

    /// <summary>Content in pieces of a given size; <paramref name="brokenAt"/>: reading fails there.</summary>
    internal sealed class Pieces(byte[] content, int size, int brokenAt = int.MaxValue) : IContentSource
    {
        private int _at;

        public ValueTask<ReadOnlyMemory<byte>> ReadNextAsync(CancellationToken cancellationToken)
        {
            if (_at >= brokenAt) throw new IOException("the disk is gone");
            var piece = content.AsMemory(_at, Math.Min(size, content.Length - _at));
            _at += piece.Length;
            return ValueTask.FromResult<ReadOnlyMemory<byte>>(piece);
        }
    }
}
