using System.Buffers;

namespace Postern.Mail.Dsn;

/// <summary>The third part of a report: the message that failed, or its header (RFC 6522 §3). Pure.</summary>
internal static class ReturnedPart
{
    private const int MaxLine = 998;

    /// <summary>
    /// The part. A failure with RET=FULL returns the message, up to the end of the last line within the bound; all else
    /// returns its header, up to the bound (RFC 3461 §4.3). So does a message with a line that is longer than RFC 5322
    /// §2.1.1 allows. Null when there is nothing to return.
    /// </summary>
    public static ReportPart? Of(ReportRequest request)
    {
        var copy = request.Content.Span[..(int)Math.Min(request.Content.Length, Math.Max(request.MaxCopy, 0))];
        var utf8 = request.Original.SmtpUtf8;
        var header = HeaderOf(copy);
        if (request is { Action: DsnAction.Failed, Original.Return: DsnReturn.Full })
        {
            var part = copy.Length == request.ContentSize ? copy : WholeLinesOf(copy);
            var all = Canonical(part, fold: false);
            if (part.Length > header.Length && LongestLine(all) <= MaxLine)
                return Part(utf8 ? "message/global" : "message/rfc822", all);
        }
        var fields = Canonical(header, fold: true);
        return Part(utf8 ? "message/global-headers" : "text/rfc822-headers", fields);
    }

    private static ReportPart? Part(string type, ReadOnlyMemory<byte> octets) => octets.Length == 0 ? null
        : new ReportPart(type, octets.Span.ContainsAnyExceptInRange((byte)0, (byte)127) ? "8bit" : "7bit", octets);

    // Up to the empty line; where the copy ends before it, up to the last whole line.
    private static ReadOnlySpan<byte> HeaderOf(ReadOnlySpan<byte> copy)
    {
        if (copy.StartsWith("\r\n"u8)) return default;
        var end = copy.IndexOf("\r\n\r\n"u8);
        return end < 0 ? WholeLinesOf(copy) : copy[..(end + 2)];
    }

    private static ReadOnlySpan<byte> WholeLinesOf(ReadOnlySpan<byte> copy)
    {
        var end = copy.LastIndexOf("\r\n"u8);
        return end < 0 ? default : copy[..(end + 2)];
    }

    // Only CRLF ends a line (hardening S5), and MIME has no NUL (RFC 2045 §2.8): a space stands for what is stray.
    private static ReadOnlyMemory<byte> Canonical(ReadOnlySpan<byte> octets, bool fold)
    {
        var output = new ArrayBufferWriter<byte>(octets.Length + 2);
        while (!octets.IsEmpty)
        {
            var end = octets.IndexOf("\r\n"u8);
            var line = end < 0 ? octets : octets[..end];
            octets = end < 0 ? default : octets[(end + 2)..];
            var folded = false;
            while (fold && line.Length + (folded ? 1 : 0) > MaxLine)
            {
                var at = FoldAt(line);
                AppendLine(output, line[..at], folded);
                line = line[at..];
                folded = true;
            }
            AppendLine(output, line, folded);
        }
        return output.WrittenMemory;
    }

    private static void AppendLine(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> line, bool folded)
    {
        if (folded) output.Write(" "u8);
        var target = output.GetSpan(line.Length + 2);
        for (var index = 0; index < line.Length; index++)
            target[index] = line[index] is 0 or (byte)'\r' or (byte)'\n' ? (byte)' ' : line[index];
        "\r\n"u8.CopyTo(target[line.Length..]);
        output.Advance(line.Length + 2);
    }

    // Not within a character of UTF-8, of which the octets behind the first are 10xxxxxx.
    private static int FoldAt(ReadOnlySpan<byte> line)
    {
        var at = MaxLine - 8;
        for (var back = 0; back < 3 && (line[at] & 0xC0) == 0x80; back++) at--;
        return at;
    }

    private static int LongestLine(ReadOnlyMemory<byte> lines)
    {
        var longest = 0;
        foreach (var line in lines.Span.Split("\r\n"u8))
            longest = Math.Max(longest, line.End.Value - line.Start.Value);
        return longest;
    }
}
