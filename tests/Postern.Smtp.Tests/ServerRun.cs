using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Postern.Mail;
using Postern.Smtp.Server;

namespace Postern.Smtp.Tests;

/// <summary>
/// One session over pipes in memory. All continuations run inline, so that whatever the session does with what it was
/// given is done when <see cref="Send(ReadOnlySpan{byte})"/> returns: each call is one segment of input.
/// </summary>
internal sealed class ServerRun : IDuplexPipe, IDisposable
{
    private static readonly PipeOptions Inline = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 0, useSynchronizationContext: false);

    private readonly Pipe _toServer = new(Inline);
    private readonly Pipe _toClient = new(Inline);
    private readonly CancellationTokenSource _cut = new();

    public ServerRun(Func<SmtpServerOptions, SmtpServerOptions>? change = null)
    {
        Assert.True(Domain.TryParse("gw.example.com", out var host));
        var options = new SmtpServerOptions { HostName = host };
        Session = new SmtpServerSession(this, change?.Invoke(options) ?? options, Receiver, Time);
        Running = Session.RunAsync(_cut.Token);
    }

    public ServerReceiver Receiver { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public SmtpServerSession Session { get; }

    public Task Running { get; }

    PipeReader IDuplexPipe.Input => _toServer.Reader;

    PipeWriter IDuplexPipe.Output => _toClient.Writer;

    /// <summary>Runs input cut into segments of some size, to its end, and gives all replies.</summary>
    public static (string Replies, ServerReceiver Receiver) Whole(
        byte[] input, int segment = int.MaxValue, Func<SmtpServerOptions, SmtpServerOptions>? change = null)
    {
        using var run = new ServerRun(change);
        for (var at = 0; at < input.Length; at += Math.Min(segment, input.Length - at))
        {
            run.Send(input.AsSpan(at, Math.Min(segment, input.Length - at)));
        }

        return (run.End(), run.Receiver);
    }

    public void Send(string text) => Send(Encoding.Latin1.GetBytes(text));

    public void Send(ReadOnlySpan<byte> octets)
    {
        if (Running.IsCompleted) return;
        octets.CopyTo(_toServer.Writer.GetSpan(octets.Length));
        _toServer.Writer.Advance(octets.Length);
        Assert.True(_toServer.Writer.FlushAsync().AsTask().IsCompleted);
    }

    /// <summary>What the server said since the last call.</summary>
    public string Read()
    {
        if (!_toClient.Reader.TryRead(out var result)) return "";
        var text = Encoding.Latin1.GetString(result.Buffer);
        _toClient.Reader.AdvanceTo(result.Buffer.End);
        return text;
    }

    /// <summary>Sends a command and reads what comes back.</summary>
    public string Ask(string command)
    {
        Send(command + "\r\n");
        return Read();
    }

    /// <summary>Reads the banner and greets.</summary>
    public void Greet()
    {
        Read();
        Assert.StartsWith("250-gw.example.com\r\n", Ask("EHLO client.example"), StringComparison.Ordinal);
    }

    /// <summary>Up to the 354.</summary>
    public void BeginContent()
    {
        Greet();
        Assert.Equal(
            "250 2.1.0 Sender OK\r\n250 2.1.5 Recipient OK\r\n354 Start mail input; end with <CRLF>.<CRLF>\r\n",
            Ask("MAIL FROM:<a@src.example>\r\nRCPT TO:<b@example.com>\r\nDATA"));
    }

    /// <summary>The client closes; gives what the server still said.</summary>
    public string End()
    {
        _toServer.Writer.Complete();
        Assert.True(Running.IsCompletedSuccessfully, Running.Exception?.ToString() ?? "the session did not end");
        Assert.False(Receiver.IsOpen);
        return Read();
    }

    public void Dispose()
    {
        Session.Dispose();
        _cut.Dispose();
    }
}
