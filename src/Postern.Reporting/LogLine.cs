using System.Buffers.Text;

namespace Postern.Reporting;

/// <summary>What a line of the mail log tells, as far as a reader needs to know it.</summary>
public enum LogLineKind
{
    /// <summary>Anything else.</summary>
    Other,
    /// <summary><c>New SMTP ICID …</c></summary>
    IncomingConnection,
    /// <summary><c>New SMTP DCID …</c></summary>
    OutgoingConnection,
    /// <summary><c>Connection Error: DCID …</c></summary>
    ConnectionError,
    /// <summary><c>Start MID …</c></summary>
    Started,
    /// <summary><c>MID … was generated for …</c></summary>
    Generated,
    /// <summary><c>MID … queued for delivery</c></summary>
    Queued,
    /// <summary><c>Message aborted MID …</c></summary>
    Aborted,
    /// <summary><c>Delivery start DCID … MID …</c></summary>
    DeliveryStarted,
    /// <summary><c>Message finished MID …</c></summary>
    Finished,
    /// <summary>
    /// <c>Delayed: …</c>, <c>Bounced: …</c>, <c>Double bounce: …</c>, <c>Uncertain: …</c>, <c>Possible Delivery: …</c>
    /// </summary>
    Failed,
    /// <summary><c>Host …: left out …</c></summary>
    HostLeftOut,
}

/// <summary>
/// A line of the mail log, read back: its kind and its ids. They are taken from where the form of a line has them
/// (<see cref="TextForms"/>), so that a subject or a reply which looks like an id is none. A view of the octets given.
/// </summary>
public readonly ref struct LogLine
{
    /// <summary>Octets of the time and the space behind it.</summary>
    internal const int StampLength = LogStamp.Length + 1;

    private LogLine(ReadOnlySpan<byte> octets) => Octets = octets;

    /// <summary>The whole line, without its line feed.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>What it tells.</summary>
    public LogLineKind Kind { get; private init; }

    /// <summary>The message; 0: it names none.</summary>
    public long Mid { get; private init; }

    /// <summary>The message that <see cref="Mid"/>, a report, was generated for; 0: it is no such line.</summary>
    public long OriginalMid { get; private init; }

    /// <summary>The incoming connection; 0: it names none, or the gateway itself.</summary>
    public long Icid { get; private init; }

    /// <summary>The outgoing connection; 0: it names none, or there was none.</summary>
    public long Dcid { get; private init; }

    /// <summary>The text behind the ids.</summary>
    public ReadOnlySpan<byte> Rest { get; private init; }

    /// <summary>Reads a line without its line feed.</summary>
    /// <returns>False when it does not begin with time and level, and so is no line of the mail log.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, out LogLine parsed)
    {
        parsed = default;
        if (line.Length <= StampLength || line[StampLength - 1] != ' ' || line[3] != ' ') return false;
        var text = line[StampLength..];
        var colon = text.IndexOf(": "u8);
        if (colon is not (4 or 7 or 8)) return false;
        text = text[(colon + 2)..];
        var kind = KindOf(ref text);
        // A form has its ids in this order. What stands behind the last of them is text, whatever it looks like.
        var dcid = Id("DCID "u8, ref text);
        var mid = Id("MID "u8, ref text);
        var icid = Id("ICID "u8, ref text);
        var originalMid = 0L;
        if (kind == LogLineKind.Other && mid != 0 && icid == 0 && dcid == 0)
        {
            if (text.SequenceEqual("queued for delivery"u8)) kind = LogLineKind.Queued;
            else if (text.StartsWith("was generated for "u8)) (kind, originalMid) = (LogLineKind.Generated, Last(text));
        }
        parsed = new LogLine(line)
        {
            Kind = kind,
            Mid = mid,
            OriginalMid = originalMid,
            Icid = icid,
            Dcid = dcid,
            Rest = text,
        };
        return true;
    }

    /// <summary>The time of the line, as the clock of the gateway showed it.</summary>
    public bool TryReadTime(out DateTime local) => LogStamp.TryRead(Octets, out local);

    /// <summary>The time until which recipients are pending, as that clock will show it.</summary>
    /// <param name="at">Where it stands in the line, in octets, which are as many characters.</param>
    /// <param name="local">The time.</param>
    public bool TryReadTill(out int at, out DateTime local)
    {
        (at, local) = (0, default);
        var text = Rest;
        if (!Take(ref text, "to RID ["u8)) return false;
        text = text[(text.IndexOf((byte)']') + 1)..];
        if (!Take(ref text, " pending till "u8)
            && !Take(ref text, " - no reply after the final dot, pending till "u8)) return false;
        at = Octets.Length - text.Length;
        return LogStamp.TryRead(text, out local);
    }

    // Takes the words in front of the ids away.
    private static LogLineKind KindOf(ref ReadOnlySpan<byte> text) => text.IsEmpty ? LogLineKind.Other : text[0] switch
    {
        (byte)'M' when Take(ref text, "Message done "u8) => LogLineKind.Other,
        (byte)'M' when Take(ref text, "Message finished "u8) => LogLineKind.Finished,
        (byte)'M' when Take(ref text, "Message aborted "u8) => LogLineKind.Aborted,
        (byte)'N' when text.StartsWith("New SMTP ICID "u8) && Take(ref text, "New SMTP "u8) =>
            LogLineKind.IncomingConnection,
        (byte)'N' when text.StartsWith("New SMTP DCID "u8) && Take(ref text, "New SMTP "u8) =>
            LogLineKind.OutgoingConnection,
        (byte)'S' when Take(ref text, "Start "u8) => LogLineKind.Started,
        (byte)'D' when Take(ref text, "Delivery start "u8) => LogLineKind.DeliveryStarted,
        (byte)'C' when Take(ref text, "Connection Error: "u8) => LogLineKind.ConnectionError,
        (byte)'D' when Take(ref text, "Delayed: "u8) || Take(ref text, "Double bounce: "u8) => LogLineKind.Failed,
        (byte)'D' when Take(ref text, "Discarded: "u8) || Take(ref text, "Deleted: "u8) => LogLineKind.Other,
        (byte)'B' when Take(ref text, "Bounced: "u8) => LogLineKind.Failed,
        (byte)'H' when text.StartsWith("Host "u8) && text.IndexOf(": left out "u8) > 0 => LogLineKind.HostLeftOut,
        (byte)'R' when Take(ref text, "Redirected: "u8) => LogLineKind.Other,
        (byte)'U' when Take(ref text, "Uncertain: "u8) => LogLineKind.Failed,
        (byte)'P' when Take(ref text, "Possible Delivery: "u8) => LogLineKind.Failed,
        _ => LogLineKind.Other,
    };

    private static bool Take(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> words)
    {
        if (!text.StartsWith(words)) return false;
        text = text[words.Length..];
        return true;
    }

    // Takes the id away when the text begins with it.
    private static long Id(ReadOnlySpan<byte> word, ref ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith(word) || !Utf8Parser.TryParse(text[word.Length..], out long id, out var digits)) return 0;
        var rest = text[(word.Length + digits)..];
        if (id < 0 || (!rest.IsEmpty && rest[0] != ' ')) return 0;
        text = rest.IsEmpty ? rest : rest[1..];
        return id;
    }

    private static long Last(ReadOnlySpan<byte> text)
    {
        var word = text.LastIndexOf(" MID "u8);
        return word >= 0 && Utf8Parser.TryParse(text[(word + 5)..], out long id, out _) ? id : 0;
    }
}
