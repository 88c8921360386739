using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Postern.Mail;

/// <summary>
/// Maps names with U-labels to A-labels (RFC 5890 §2.3.2.1). The program runs without ICU data, where
/// <see cref="IdnMapping"/> does Punycode but neither maps nor checks; what IDNA 2008 disallows, or what would need
/// normalization to become unambiguous, is refused here rather than encoded as a different name.
/// </summary>
internal static class ULabel
{
    // Letters with a compatibility decomposition, and marks and jamo that compose with what stands before them. Two
    // spellings of one name must not become two names, so that the spelling that is not NFKC is refused (RFC 5892
    // §2.2).
    private static readonly (int First, int Last)[] Unstable =
    [
        (0x0132, 0x0133), (0x013F, 0x0140), (0x0149, 0x0149), (0x017F, 0x017F), (0x01C4, 0x01CC), (0x01F1, 0x01F3),
        (0x0300, 0x036F), (0x0675, 0x0678), (0x1100, 0x11FF), (0x1E9A, 0x1E9B), (0x2100, 0x218F), (0x3099, 0x309A),
        (0x3130, 0x318F), (0xA960, 0xA97F), (0xD7B0, 0xD7FF), (0xF900, 0xFDFF), (0xFE00, 0xFFFF), (0x1D400, 0x1D7FF),
        (0x1EE00, 0x1EEFF), (0x2F800, 0x2FA1F),
    ];

    private static readonly IdnMapping Punycode = new() { AllowUnassigned = false, UseStd3AsciiRules = true };

    /// <summary>
    /// Maps a name of at most <see cref="Domain.MaxLength"/> characters, in which labels end only at U+002E.
    /// </summary>
    public static bool TryMapName(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? name)
    {
        name = null;
        if (!IsWellFormed(text)) return false;
        var lower = text.ToString().ToLowerInvariant();
        foreach (var rune in lower.EnumerateRunes())
        {
            if (!rune.IsAscii && !IsAllowed(rune)) return false;
        }

        var labels = lower.Split('.');
        for (var i = 0; i < labels.Length; i++)
        {
            if (Ascii.IsValid(labels[i])) continue;
            // RFC 5892 §2.9: a label does not begin with a combining mark.
            if (IsMark(Rune.GetRuneAt(labels[i], 0))) return false;
            // RFC 5891 §4.2.3.1: hyphens in the third and fourth place are for A-labels.
            if (labels[i].Length > 3 && labels[i][2] == '-' && labels[i][3] == '-') return false;
            if (!TryEncode(labels[i], out var encoded)) return false;
            labels[i] = encoded;
        }

        name = string.Join('.', labels);
        return true;
    }

    private static bool TryEncode(string label, [NotNullWhen(true)] out string? encoded)
    {
        try
        {
            encoded = Punycode.GetAscii(label);
            return true;
        }
        catch (ArgumentException)
        {
            // The library has no Try form; too long or not encodable is a bad name, not a fault.
            encoded = null;
            return false;
        }
    }

    // An unpaired surrogate is no character at all.
    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var consumed) != System.Buffers.OperationStatus.Done)
                return false;
            text = text[consumed..];
        }

        return true;
    }

    // RFC 5892 §2.1 LetterDigits, without upper case, which is mapped, and without what is not stable.
    private static bool IsAllowed(Rune rune)
    {
        switch (Rune.GetUnicodeCategory(rune))
        {
            case UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark
                or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber:
                break;
            case UnicodeCategory.ModifierLetter when rune.Value is 0x3005 or 0x30FC or 0x0E46 or 0x0EC6:
                break;
            default:
                return false;
        }

        foreach (var (first, last) in Unstable)
        {
            if (rune.Value >= first && rune.Value <= last) return false;
        }

        return true;
    }

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
