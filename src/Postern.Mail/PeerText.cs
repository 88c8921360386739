using System.Buffers;
using System.Globalization;
using System.Text;

namespace Postern.Mail;

/// <summary>
/// Text from a peer made harmless: one line, nothing invisible, of bounded length (contract §5; hardening I3, I4).
/// A backslash becomes <c>\\</c>, LF <c>\n</c>, TAB <c>\t</c>; every other control or format character, the line and
/// paragraph separators and unpaired surrogates become <c>\xHH</c> for each octet of their UTF-8 form. Pure.
/// </summary>
public static class PeerText
{
    /// <summary>
    /// Characters (UTF-16 units) of a text that are shown; what is cut off is marked with <c>...</c>.
    /// </summary>
    public const int MaxCharacters = 1000;

    private static readonly SearchValues<char> Plain = SearchValues.Create(PlainCharacters());

    /// <summary>Appends the escaped text in UTF-8, at most <paramref name="maxCharacters"/> of it.</summary>
    public static void Append(
        IBufferWriter<byte> output, ReadOnlySpan<char> text, int maxCharacters = MaxCharacters)
    {
        ArgumentNullException.ThrowIfNull(output);
        var kept = Cut(text, maxCharacters);
        var rest = kept;
        while (!rest.IsEmpty)
        {
            var plain = rest.IndexOfAnyExcept(Plain);
            if (plain < 0) plain = rest.Length;
            if (plain > 0) output.Advance(Encoding.UTF8.GetBytes(rest[..plain], output.GetSpan(plain)));
            rest = rest[plain..];
            if (!rest.IsEmpty) rest = rest[AppendSpecial(output, rest)..];
        }
        if (kept.Length < text.Length) output.Write("..."u8);
    }

    /// <summary>The escaped text, at most <paramref name="maxCharacters"/> of it: for a terminal.</summary>
    public static string Escape(string text, int maxCharacters = MaxCharacters)
    {
        var output = new ArrayBufferWriter<byte>();
        Append(output, text, maxCharacters);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>The first characters of a text; a surrogate pair is not cut in two.</summary>
    public static ReadOnlySpan<char> Cut(ReadOnlySpan<char> text, int maxCharacters)
    {
        if (text.Length <= maxCharacters) return text;
        var splitsPair = maxCharacters > 0
            && char.IsHighSurrogate(text[maxCharacters - 1]) && char.IsLowSurrogate(text[maxCharacters]);
        return text[..(splitsPair ? maxCharacters - 1 : maxCharacters)];
    }

    /// <summary>True for what a reader cannot see, or what would move or end the line.</summary>
    public static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>Appends <c>\xHH</c> for each octet.</summary>
    internal static void AppendHex(IBufferWriter<byte> output, ReadOnlySpan<byte> octets)
    {
        foreach (var octet in octets)
        {
            var span = output.GetSpan(4);
            span[0] = (byte)'\\';
            span[1] = (byte)'x';
            span[2] = "0123456789ABCDEF"u8[octet >> 4];
            span[3] = "0123456789ABCDEF"u8[octet & 15];
            output.Advance(4);
        }
    }

    /// <summary>
    /// The UTF-8 form of the character that <paramref name="text"/> begins with. An unpaired surrogate has none;
    /// the three octets that its number would have say exactly which one it was.
    /// </summary>
    /// <returns>False for an unpaired surrogate.</returns>
    internal static bool Decode(
        ReadOnlySpan<char> text, Span<byte> octets, out int length, out int consumed, out Rune rune)
    {
        if (Rune.DecodeFromUtf16(text, out rune, out consumed) == OperationStatus.Done)
        {
            length = rune.EncodeToUtf8(octets);
            return true;
        }
        consumed = 1;
        length = 3;
        octets[0] = (byte)(0xE0 | (text[0] >> 12));
        octets[1] = (byte)(0x80 | ((text[0] >> 6) & 0x3F));
        octets[2] = (byte)(0x80 | (text[0] & 0x3F));
        return false;
    }

    private static int AppendSpecial(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        switch (text[0])
        {
            case '\\':
                output.Write(@"\\"u8);
                return 1;
            case '\n':
                output.Write(@"\n"u8);
                return 1;
            case '\t':
                output.Write(@"\t"u8);
                return 1;
        }
        Span<byte> octets = stackalloc byte[4];
        var valid = Decode(text, octets, out var length, out var consumed, out var rune);
        if (valid && !IsHidden(rune)) output.Write(octets[..length]);
        else AppendHex(output, octets[..length]);
        return consumed;
    }

    private static string PlainCharacters()
    {
        var plain = new StringBuilder();
        for (var character = ' '; character <= '~'; character++)
            if (character != '\\') plain.Append(character);
        return plain.ToString();
    }
}
