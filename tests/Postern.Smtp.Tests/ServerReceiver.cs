using System.Text;
using Postern.Mail;
using Postern.Smtp.Server;

namespace Postern.Smtp.Tests;

/// <summary>A message as a session handed it over.</summary>
internal sealed record ReceivedMessage(
    ClientGreeting Greeting, Envelope Envelope, IReadOnlyList<RecipientRequest> Recipients, string Content);

/// <summary>
/// Takes all mail but that for ext.example, and fails a test when the session breaks the order of calls.
/// </summary>
internal sealed class ServerReceiver : ISmtpReceiver
{
    private readonly List<RecipientRequest> _recipients = [];
    private readonly StringBuilder _content = new();
    private MailRequest? _open;

    public List<ReceivedMessage> Messages { get; } = [];

    public List<string> Aborted { get; } = [];

    public List<string> Problems { get; } = [];

    public bool IsOpen => _open is not null;

    /// <summary>Awaited before a commit ends.</summary>
    public Task Committing { get; set; } = Task.CompletedTask;

    /// <summary>Octets of content that came in, of refused messages too.</summary>
    public long Octets { get; private set; }

    public bool KeepsContent { get; set; } = true;

    public ServerReply? Mail(in MailRequest request)
    {
        Assert.Null(_open);
        if (request.Envelope.ReversePath?.Domain?.Name == "full.example") return Replies.CannotStore;
        _open = request;
        _recipients.Clear();
        _content.Clear();
        return null;
    }

    public ServerReply? Recipient(in RecipientRequest request)
    {
        Assert.NotNull(_open);
        if (request.ForwardPath.Domain?.Name == "ext.example") return Replies.RelayDenied;
        _recipients.Add(request);
        return null;
    }

    public void Abort(string reason)
    {
        Assert.NotNull(_open);
        _open = null;
        Aborted.Add(reason);
    }

    public ValueTask AppendAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Assert.NotNull(_open);
        Assert.NotEmpty(_recipients);
        Assert.False(content.IsEmpty);
        Octets += content.Length;
        if (KeepsContent) _content.Append(Encoding.Latin1.GetString(content.Span));
        return ValueTask.CompletedTask;
    }

    public ValueTask RefuseContentAsync(string reason)
    {
        Abort(reason);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<ServerReply> CommitAsync()
    {
        Assert.NotNull(_open);
        await Committing;
        Messages.Add(new ReceivedMessage(_open.Value.Greeting, _open.Value.Envelope, [.. _recipients],
            _content.ToString()));
        _open = null;
        return new ServerReply(Encoding.ASCII.GetBytes($"250 2.0.0 MID {Messages.Count} queued"));
    }

    public void Problem(string text) => Problems.Add(text);
}
