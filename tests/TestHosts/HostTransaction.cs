using System.Text;

namespace Postern.TestHosts;

/// <summary>
/// What a scripted host was told in one transaction. Complete once <see cref="IsTaken"/> or the next began.
/// </summary>
public sealed class HostTransaction
{
    private readonly List<string> _recipients = [];
    private readonly List<string> _accepted = [];
    private readonly List<string> _rcptCommands = [];

    internal HostTransaction(int connection, string mailCommand) =>
        (Connection, MailCommand) = (connection, mailCommand);

    /// <summary>The number of the connection at this host, from 1.</summary>
    public int Connection { get; }

    /// <summary>MAIL as it came, without CRLF.</summary>
    public string MailCommand { get; }

    /// <summary>The reverse-path without brackets.</summary>
    public string ReversePath => HostSession.PathOf(MailCommand);

    /// <summary>Every RCPT as it came, without CRLF.</summary>
    public IReadOnlyList<string> RcptCommands => _rcptCommands;

    /// <summary>Every forward-path that was offered, without brackets.</summary>
    public IReadOnlyList<string> Recipients => _recipients;

    /// <summary>The forward-paths that were answered 2xx.</summary>
    public IReadOnlyList<string> Accepted => _accepted;

    /// <summary>The content without dot-stuffing, as far as it came.</summary>
    public byte[] Content { get; internal set; } = [];

    /// <summary>The content as text.</summary>
    public string Text => Encoding.Latin1.GetString(Content);

    /// <summary>The final dot came: CRLF.CRLF, nothing less.</summary>
    public bool DotCame { get; internal set; }

    /// <summary>The content had a CR or LF alone.</summary>
    public bool HasBareLineEnd { get; internal set; }

    /// <summary>The final dot was answered 2xx: the host has the message.</summary>
    public bool IsTaken { get; internal set; }

    internal void Offer(string command, string path, bool accepted)
    {
        _rcptCommands.Add(command);
        _recipients.Add(path);
        if (accepted) _accepted.Add(path);
    }
}
