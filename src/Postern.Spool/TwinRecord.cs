namespace Postern.Spool;

/// <summary>
/// A record without which no store opens. It stands at both ends of the keys, so that one bad block of the disk takes
/// one of the two at most. Both are written by the same batch. Values are numbers of a fixed length, highest octet
/// first. A store of earlier versions has the front one only.
/// </summary>
internal static class TwinRecord
{
    /// <summary>Adds both.</summary>
    public static void Put(RocksBatch batch, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Span<byte> twin = stackalloc byte[KeyLayout.MaxLength];
        batch.Put(key, value);
        batch.Put(KeyLayout.Twin(twin, key), value);
    }

    /// <summary>Reads the higher of those that can be read.</summary>
    /// <param name="read">Reads a record.</param>
    /// <param name="key">The key of the front one.</param>
    /// <param name="value">Gets the value; as long as it must be.</param>
    /// <param name="damaged">Told what is wrong with one of them when the other can be read.</param>
    /// <returns>False when there is none.</returns>
    /// <exception cref="UnreadableException">One is damaged, and there is no other.</exception>
    /// <exception cref="SpoolException">The store is closed.</exception>
    public static bool TryRead(
        RecordRead read, ReadOnlySpan<byte> key, Span<byte> value, Action<string>? damaged = null)
    {
        Span<byte> twin = stackalloc byte[KeyLayout.MaxLength];
        Span<byte> other = stackalloc byte[value.Length];
        var front = ReadOne(read, key, value, out var frontDamage);
        var back = ReadOne(read, KeyLayout.Twin(twin, key), other, out var backDamage);
        if (back && (!front || other.SequenceCompareTo(value) > 0)) other.CopyTo(value);
        if ((frontDamage ?? backDamage) is not { } damage) return front || back;
        if (!front && !back) throw new UnreadableException(damage);
        damaged?.Invoke(damage);
        return true;
    }

    private static bool ReadOne(RecordRead read, ReadOnlySpan<byte> key, Span<byte> value, out string? damage)
    {
        damage = null;
        try
        {
            var length = read(key, value);
            if (length >= 0 && length != value.Length)
                damage = $"a record has {length} octets in place of {value.Length}";
            return length == value.Length;
        }
        catch (UnreadableException e)
        {
            damage = e.Message;
            return false;
        }
    }
}
