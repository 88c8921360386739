using System.Net;
using System.Text;

namespace Postern.Reporting.Searching;

/// <summary>Which messages of the mail log are looked for. What is given holds together. Immutable.</summary>
public sealed record LogQuery
{
    /// <summary>This message.</summary>
    public long? Mid { get; init; }

    /// <summary>Messages that came on this connection; 0: those that the gateway made itself.</summary>
    public long? Icid { get; init; }

    /// <summary>Messages that were offered on this connection.</summary>
    public long? Dcid { get; init; }

    /// <summary>A part of the reverse-path; in angle brackets the whole of it.</summary>
    public LogText? Sender { get; init; }

    /// <summary>A part of a forward-path, also of one that was refused; in angle brackets the whole of it.</summary>
    public LogText? Recipient { get; init; }

    /// <summary>A part of the Subject.</summary>
    public LogText? Subject { get; init; }

    /// <summary>The host that a message came from or was offered to, or a receiving domain.</summary>
    public LogHost? Host { get; init; }

    /// <summary>Messages that began at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Messages that began before this time.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>A host as lines of the mail log show it, or a receiving domain. Immutable.</summary>
public sealed class LogHost
{
    private readonly IPEndPoint? address;
    private readonly LogText text;
    private readonly LogText domain;

    /// <summary>An address, an address and port, the name of a client, or a receiving domain; not empty.</summary>
    public LogHost(string host)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        // Without a port it is read as port 0, which no host has: all ports.
        _ = IPEndPoint.TryParse(host, out address);
        text = new LogText(host);
        domain = new LogText($"@{host}>");
    }

    /// <summary>The line opens a connection with it.</summary>
    internal bool Opens(LogLine line) => line.Kind switch
    {
        LogLineKind.OutgoingConnection => IsAddress(Behind(line.Rest, " address "u8), Behind(line.Rest, " port "u8)),
        LogLineKind.IncomingConnection => IsAddress(Behind(line.Rest, ") address "u8), default)
            || text.Is(Behind(line.Rest, " reverse dns host "u8)),
        _ => false,
    };

    /// <summary>The line names a recipient in it.</summary>
    internal bool Receives(LogLine line) =>
        line.Mid != 0 && LogFields.To(line) is var path && path.Length > 0 && domain.IsIn(path);

    private bool IsAddress(ReadOnlySpan<byte> shown, ReadOnlySpan<byte> port) =>
        address is not null && IPAddress.TryParse(shown, out var other) && other.Equals(address.Address)
        && (address.Port == 0 || Encoding.ASCII.GetString(port) == $"{address.Port}");

    private static ReadOnlySpan<byte> Behind(ReadOnlySpan<byte> line, ReadOnlySpan<byte> words)
    {
        var at = line.IndexOf(words);
        if (at < 0) return default;
        var rest = line[(at + words.Length)..];
        var end = rest.IndexOf((byte)' ');
        return end < 0 ? rest : rest[..end];
    }
}

/// <summary>Fields of the lines of a message, as they stand there; empty where a line has none.</summary>
internal static class LogFields
{
    /// <summary>The reverse-path in angle brackets.</summary>
    public static ReadOnlySpan<byte> From(LogLine line) => After(line.Rest, "From: "u8);

    /// <summary>A forward-path in angle brackets, and what follows when it was refused.</summary>
    public static ReadOnlySpan<byte> To(LogLine line) => IsAccepted(line, out var path) ? path
        : After(line.Rest, "To: "u8);

    /// <summary>The subject in quotation marks.</summary>
    public static ReadOnlySpan<byte> Subject(LogLine line) => After(line.Rest, "Subject "u8);

    /// <summary>The line is of a recipient that was accepted.</summary>
    public static bool IsAccepted(LogLine line, out ReadOnlySpan<byte> path)
    {
        path = After(line.Rest, "RID "u8);
        var to = path.IndexOf(" To: "u8);
        // A line of an outcome has its RIDs in brackets.
        if (to <= 0 || path[..to].ContainsAnyExceptInRange((byte)'0', (byte)'9')) path = default;
        else path = path[(to + 5)..];
        return !path.IsEmpty;
    }

    private static ReadOnlySpan<byte> After(ReadOnlySpan<byte> text, ReadOnlySpan<byte> words) =>
        text.StartsWith(words) ? text[words.Length..] : default;
}
