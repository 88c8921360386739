using System.Buffers.Binary;
using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Every key of the store. Numbers are big-endian, so that the order of the keys is the order of the numbers and the
/// records of one message lie side by side.
/// </summary>
/// <remarks>
/// <code>
/// 01                    the store itself: format version
/// 02 kind               the highest id reserved (kind 1 MID, 2 ICID, 3 DCID)
/// 10 mid(8) 00          a message: envelope, recipients, number of body chunks; written once
/// 10 mid(8) 01 rid(4)   a recipient's state; absent: not tried yet; rewritten by every outcome
/// 20 mid(8) chunk(4)    a piece of a body; written once
/// 30 mid(8)             a body that is being streamed in; gone with the commit, so what is found at open has none
/// F1, F2 kind           the records 01 and 02 once more, see TwinRecord
/// </code>
/// </remarks>
internal static class KeyLayout
{
    /// <summary>The longest key in octets.</summary>
    public const int MaxLength = 14;

    private const byte StorePrefix = 0x01;
    private const byte TwinBits = 0xF0;
    private const byte IdPrefix = 0x02;
    private const byte MessagePrefix = 0x10;
    private const byte BodyPrefix = 0x20;
    private const byte UploadPrefix = 0x30;
    private const byte EnvelopeKind = 0x00;
    private const byte StateKind = 0x01;

    /// <summary>The record of the store itself.</summary>
    public static ReadOnlySpan<byte> Store => [StorePrefix];

    /// <summary>The first key of the messages.</summary>
    public static ReadOnlySpan<byte> FirstMessage => [MessagePrefix];

    /// <summary>The first key behind the messages.</summary>
    public static ReadOnlySpan<byte> AfterMessages => [MessagePrefix + 1];

    /// <summary>The first key of the bodies.</summary>
    public static ReadOnlySpan<byte> FirstBody => [BodyPrefix];

    /// <summary>The first key behind the bodies.</summary>
    public static ReadOnlySpan<byte> AfterBodies => [BodyPrefix + 1];

    /// <summary>The first key of the bodies that are being streamed in.</summary>
    public static ReadOnlySpan<byte> FirstUpload => [UploadPrefix];

    /// <summary>The first key behind them.</summary>
    public static ReadOnlySpan<byte> AfterUploads => [UploadPrefix + 1];

    /// <summary>The highest reserved id of a kind.</summary>
    public static ReadOnlySpan<byte> Id(Span<byte> key, IdKind kind)
    {
        key[0] = IdPrefix;
        key[1] = (byte)kind;
        return key[..2];
    }

    /// <summary>The place at the other end of the keys for a record of the store itself or of ids.</summary>
    public static ReadOnlySpan<byte> Twin(Span<byte> to, ReadOnlySpan<byte> key)
    {
        key.CopyTo(to);
        to[0] |= TwinBits;
        return to[..key.Length];
    }

    /// <summary>The record of a message.</summary>
    public static ReadOnlySpan<byte> Envelope(Span<byte> key, Mid mid)
    {
        PutMid(key, MessagePrefix, mid);
        key[9] = EnvelopeKind;
        return key[..10];
    }

    /// <summary>The state of a recipient.</summary>
    public static ReadOnlySpan<byte> State(Span<byte> key, Mid mid, Rid rid)
    {
        PutMid(key, MessagePrefix, mid);
        key[9] = StateKind;
        BinaryPrimitives.WriteInt32BigEndian(key[10..], rid.Value);
        return key[..14];
    }

    /// <summary>A piece of a body.</summary>
    public static ReadOnlySpan<byte> Chunk(Span<byte> key, Mid mid, int chunk)
    {
        PutMid(key, BodyPrefix, mid);
        BinaryPrimitives.WriteInt32BigEndian(key[9..], chunk);
        return key[..13];
    }

    /// <summary>The mark of a body that is being streamed in.</summary>
    public static ReadOnlySpan<byte> Upload(Span<byte> key, Mid mid) => PutMid(key, UploadPrefix, mid);

    /// <summary>
    /// What all records of a message but its body begin with; with the next MID, the end of their range.
    /// </summary>
    public static ReadOnlySpan<byte> MessageRange(Span<byte> key, Mid mid) => PutMid(key, MessagePrefix, mid);

    /// <summary>What all pieces of a body begin with; with the next MID, the end of their range.</summary>
    public static ReadOnlySpan<byte> BodyRange(Span<byte> key, Mid mid) => PutMid(key, BodyPrefix, mid);

    /// <summary>The first key that a message, a body or an upload has, by the first octet of the key.</summary>
    public static byte[] FirstOf(byte prefix, Mid mid)
    {
        var key = new byte[MaxLength];
        return prefix switch
        {
            MessagePrefix => Envelope(key, mid).ToArray(),
            BodyPrefix => Chunk(key, mid, 0).ToArray(),
            _ => Upload(key, mid).ToArray(),
        };
    }

    /// <summary>True for the first octet of the key of a message or a state.</summary>
    public static bool IsOfMessages(byte prefix) => prefix == MessagePrefix;

    /// <summary>The MID of a key of a message, body or upload.</summary>
    public static Mid MidOf(ReadOnlySpan<byte> key) => new(BinaryPrimitives.ReadInt64BigEndian(key[1..]));

    /// <summary>True for the record of a message, false for a state.</summary>
    public static bool IsEnvelope(ReadOnlySpan<byte> key) => key.Length == 10 && key[9] == EnvelopeKind;

    /// <summary>The RID of the key of a state; -1 when it is no such key.</summary>
    public static Rid RidOf(ReadOnlySpan<byte> key) =>
        new(key.Length == 14 && key[9] == StateKind ? BinaryPrimitives.ReadInt32BigEndian(key[10..]) : -1);

    /// <summary>The number of the piece of a key of a body; -1 when it is no such key.</summary>
    public static int ChunkOf(ReadOnlySpan<byte> key) =>
        key.Length == 13 ? BinaryPrimitives.ReadInt32BigEndian(key[9..]) : -1;

    private static ReadOnlySpan<byte> PutMid(Span<byte> key, byte prefix, Mid mid)
    {
        key[0] = prefix;
        BinaryPrimitives.WriteInt64BigEndian(key[1..], mid.Value);
        return key[..9];
    }
}
