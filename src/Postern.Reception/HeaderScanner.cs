using System.Text;

namespace Postern.Reception;

/// <summary>
/// Looks at the header of a message while it streams by (RFC 5322 §2.2): Message-ID and Subject for the log, the number
/// of Received fields against loops. Keeps two bounded values and changes nothing. For one thread.
/// </summary>
internal sealed class HeaderScanner
{
    /// <summary>Octets kept of each value; RFC 5322 §2.1.1 has lines of 998.</summary>
    public const int MaxValue = 1000;

    /// <summary>The longest name that is looked for is <c>Message-ID</c>.</summary>
    private const int MaxName = 10;

    private readonly byte[] _name = new byte[MaxName];
    private int _nameLength;
    private Part _part;
    private Field _field;
    private CapturedValue _messageId;
    private CapturedValue _subject;

    private enum Part
    {
        LineStart,
        Name,
        Value,
        AfterCrAtLineStart,
        Body,
    }

    private enum Field
    {
        Other,
        MessageId,
        Subject,
    }

    /// <summary>The header has ended; nothing more is looked at.</summary>
    public bool HasEnded => _part == Part.Body;

    /// <summary>Received fields so far.</summary>
    public int ReceivedFields { get; private set; }

    /// <summary>The first Message-ID without surrounding white space, unfolded; null: none.</summary>
    public string? MessageId => _messageId.Text;

    /// <summary>The first Subject without surrounding white space, unfolded; null: none.</summary>
    public string? Subject => _subject.Text;

    /// <summary>Takes the next piece of content, in which only CRLF ends a line.</summary>
    public void Scan(ReadOnlySpan<byte> content)
    {
        while (!content.IsEmpty && _part != Part.Body)
        {
            switch (_part)
            {
                case Part.LineStart:
                    content = content[BeginLine(content[0])..];
                    break;
                case Part.Name:
                    content = content[ScanName(content)..];
                    break;
                case Part.Value:
                    content = content[ScanValue(content)..];
                    break;
                default:
                    // An empty line ends the header (RFC 5322 §2.1); a lone CR is refused elsewhere.
                    _part = Part.Body;
                    break;
            }
        }
    }

    private int BeginLine(byte first)
    {
        if (first == (byte)'\r')
        {
            _part = Part.AfterCrAtLineStart;
            return 1;
        }

        // RFC 5322 §2.2.3: a line that begins with white space continues the field, and unfolding keeps that white
        // space.
        if (first is (byte)' ' or (byte)'\t')
        {
            _part = Part.Value;
            return 0;
        }

        EndField();
        _nameLength = 0;
        _part = Part.Name;
        return 0;
    }

    private int ScanName(ReadOnlySpan<byte> content)
    {
        var end = content.IndexOfAny((byte)':', (byte)'\n');
        var part = end < 0 ? content : content[..end];
        foreach (var octet in part)
        {
            // RFC 5322 §4.5 allows white space before the colon.
            if (octet is (byte)' ' or (byte)'\t') continue;
            if (_nameLength < MaxName) _name[_nameLength] = octet;
            _nameLength = Math.Min(_nameLength + 1, MaxName + 1);
        }

        if (end < 0) return content.Length;
        if (content[end] == (byte)'\n')
        {
            // A line without a colon is no field; what follows is no header.
            _part = Part.Body;
            return end + 1;
        }

        BeginField();
        _part = Part.Value;
        return end + 1;
    }

    private void BeginField()
    {
        var name = _name.AsSpan(0, Math.Min(_nameLength, MaxName));
        if (_nameLength > MaxName) _field = Field.Other;
        else if (Ascii.EqualsIgnoreCase(name, "Received"u8)) ReceivedFields++;
        else if (Ascii.EqualsIgnoreCase(name, "Message-ID"u8) && _messageId.Begin()) _field = Field.MessageId;
        else if (Ascii.EqualsIgnoreCase(name, "Subject"u8) && _subject.Begin()) _field = Field.Subject;
    }

    private int ScanValue(ReadOnlySpan<byte> content)
    {
        var end = content.IndexOf((byte)'\n');
        var value = end < 0 ? content : content[..end];
        if (_field == Field.MessageId) _messageId.Add(value);
        else if (_field == Field.Subject) _subject.Add(value);
        if (end < 0) return content.Length;
        _part = Part.LineStart;
        return end + 1;
    }

    private void EndField() => _field = Field.Other;

    /// <summary>The beginning of a value, without the CRs of its folds.</summary>
    private struct CapturedValue
    {
        private byte[]? _octets;
        private int _length;

        public readonly string? Text
        {
            get
            {
                if (_octets is null) return null;
                var octets = _octets.AsSpan(0, _length).Trim(" \t\r"u8);
                return (System.Text.Unicode.Utf8.IsValid(octets) ? Encoding.UTF8 : Encoding.Latin1).GetString(octets);
            }
        }

        public bool Begin()
        {
            if (_octets is not null) return false;
            _octets = [];
            return true;
        }

        public void Add(ReadOnlySpan<byte> part)
        {
            if (part.EndsWith((byte)'\r')) part = part[..^1];
            part = part[..Math.Min(part.Length, MaxValue - _length)];
            if (_length + part.Length > _octets!.Length)
                Array.Resize(ref _octets, Math.Max(_length + part.Length, 100));
            part.CopyTo(_octets.AsSpan(_length));
            _length += part.Length;
        }
    }
}
