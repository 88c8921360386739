namespace Postern.Admin.Accounts;

/// <summary>Base32 without padding (RFC 4648 §6), in which people read secrets aloud. Pure.</summary>
internal static class Base32
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int BitsOfLetter = 5;

    /// <summary>The letters of octets.</summary>
    public static string Write(ReadOnlySpan<byte> octets)
    {
        var text = new char[(octets.Length * 8 + BitsOfLetter - 1) / BitsOfLetter];
        for (var i = 0; i < text.Length; i++)
        {
            var value = 0;
            for (var bit = i * BitsOfLetter; bit < (i + 1) * BitsOfLetter; bit++)
                value = value << 1 | (bit / 8 < octets.Length ? octets[bit / 8] >> (7 - bit % 8) & 1 : 0);
            text[i] = Letters[value];
        }
        return new string(text);
    }

    /// <summary>
    /// The octets of letters, whose last bits may be too few for an octet; null: there are other signs in it.
    /// </summary>
    public static byte[]? Read(string text)
    {
        var octets = new byte[text.Length * BitsOfLetter / 8];
        for (var bit = 0; bit < text.Length * BitsOfLetter; bit++)
        {
            var value = Letters.IndexOf(text[bit / BitsOfLetter], StringComparison.Ordinal);
            if (value < 0) return null;
            if (bit / 8 < octets.Length)
                octets[bit / 8] |= (byte)((value >> (BitsOfLetter - 1 - bit % BitsOfLetter) & 1) << (7 - bit % 8));
        }
        return octets;
    }
}
