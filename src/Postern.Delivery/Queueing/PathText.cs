using Postern.Spool;

namespace Postern.Delivery.Queueing;

/// <summary>
/// The forward-paths of some messages as one run of octets, so that those that may have a part are found without a read
/// of the store: an octet for each character and one before each path. For one thread.
/// </summary>
public sealed class PathText
{
    /// <summary>How many messages: each is told by a mark from 0x80 on.</summary>
    public const int MostMessages = 64;

    private const byte FirstMark = 0x80;
    // DEL stands in no address.
    private const byte BeyondAscii = 0x7F;

    private byte[] _text = [];
    private int _length;

    /// <summary>Octets.</summary>
    public int Length => _length;

    /// <summary>
    /// A text as it is compared here: case does not count, and every character beyond ASCII is the same. So nothing
    /// that has a part is missed, and the little that is found beside it is told apart by whoever reads it.
    /// </summary>
    public static byte[] Fold(string text)
    {
        var folded = new byte[text.Length];
        Fold(text, folded);
        return folded;
    }

    /// <summary>Adds the paths of a message.</summary>
    /// <param name="place">Which message, from 0 to before <see cref="MostMessages"/>; it has none yet.</param>
    /// <param name="recipients">Whose paths.</param>
    public void Add(int place, IReadOnlyList<StoredRecipient> recipients)
    {
        foreach (var recipient in recipients)
        {
            var path = recipient.Recipient.ForwardPath.Text;
            var end = _length + 1 + path.Length;
            if (end > _text.Length) Array.Resize(ref _text, Math.Max(end, 2 * _text.Length));
            _text[_length] = MarkOf(place);
            Fold(path, _text.AsSpan(_length + 1));
            _length = end;
        }
    }

    /// <summary>Removes the paths of a message.</summary>
    public void Remove(int place)
    {
        var text = _text.AsSpan(0, _length);
        var from = text.IndexOf(MarkOf(place));
        if (from < 0) return;
        // Those of one message stand side by side.
        var last = text.LastIndexOf(MarkOf(place));
        var rest = text[(last + 1)..];
        var length = rest.IndexOfAnyInRange(FirstMark, byte.MaxValue);
        rest = length < 0 ? [] : rest[length..];
        rest.CopyTo(text[from..]);
        _length = from + rest.Length;
    }

    /// <summary>Gives back what is kept for further messages.</summary>
    public void Trim() => Array.Resize(ref _text, _length);

    /// <summary>The messages that have a part in one of their paths, a bit for each.</summary>
    /// <param name="part">What <see cref="Fold(string)"/> makes of it; not empty.</param>
    public ulong Find(ReadOnlySpan<byte> part)
    {
        var found = 0UL;
        var rest = (ReadOnlySpan<byte>)_text.AsSpan(0, _length);
        for (int at; (at = rest.IndexOf(part)) >= 0;)
        {
            found |= 1UL << (rest[rest[..at].LastIndexOfAnyInRange(FirstMark, byte.MaxValue)] - FirstMark);
            rest = rest[at..];
            var next = rest.IndexOfAnyInRange(FirstMark, byte.MaxValue);
            if (next < 0) break;
            rest = rest[next..];
        }
        return found;
    }

    private static byte MarkOf(int place) => (byte)(FirstMark + place);

    private static void Fold(string text, Span<byte> to)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = char.IsAsciiLetterUpper(text[i]) ? (char)(text[i] | 0x20) : text[i];
            to[i] = char.IsAscii(c) ? (byte)c : BeyondAscii;
        }
    }
}
