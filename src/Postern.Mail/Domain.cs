using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Postern.Mail;

/// <summary>
/// A domain name as it is compared and routed on: lower-case A-labels, no trailing dot (RFC 5321 §2.3.5, RFC 5890
/// §2.3.2.1). Immutable; may be used by several threads.
/// </summary>
public sealed class Domain : IEquatable<Domain>
{
    /// <summary>Characters of a name without its trailing dot (RFC 1035 §2.3.4: 255 octets on the wire).</summary>
    public const int MaxLength = 253;

    /// <summary>Characters of a label (RFC 1035 §2.3.4).</summary>
    public const int MaxLabelLength = 63;

    private static readonly SearchValues<char> LowerNameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    private Domain(string name) => Name = name;

    /// <summary>The name in lower-case A-labels, 1 to 253 characters.</summary>
    public string Name { get; }

    /// <summary>Reads a domain in A-labels or U-labels, any case, with or without a trailing dot.</summary>
    /// <returns>False when a label is empty, longer than 63 octets, or has a character no host name has.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Domain? domain)
    {
        domain = null;
        if (text.EndsWith('.')) text = text[..^1];
        // A U-label is never longer than its A-label, so that the limit holds for the text as well.
        if (text.IsEmpty || text.Length > MaxLength) return false;

        string name;
        if (!text.ContainsAnyExcept(LowerNameCharacters))
        {
            name = text.ToString();
        }
        else if (System.Text.Ascii.IsValid(text))
        {
            name = text.ToString().ToLowerInvariant();
        }
        else if (ULabel.TryMapName(text, out var mapped))
        {
            name = mapped;
        }
        else
        {
            return false;
        }

        if (!IsName(name)) return false;
        domain = new Domain(name);
        return true;
    }

    // RFC 5321 §4.1.2: Domain = sub-domain *("." sub-domain); sub-domain = Let-dig [Ldh-str]
    // RFC 3696 §2: the last label is not all digits, so that 127.0.0.1 or 2130706433 is never taken for a name.
    private static bool IsName(ReadOnlySpan<char> name)
    {
        if (name.Length > MaxLength || name.ContainsAnyExcept(LowerNameCharacters)) return false;
        while (true)
        {
            var dot = name.IndexOf('.');
            var label = dot < 0 ? name : name[..dot];
            if (label.IsEmpty || label.Length > MaxLabelLength || label[0] == '-' || label[^1] == '-') return false;
            if (dot < 0) return label.ContainsAnyExceptInRange('0', '9');
            name = name[(dot + 1)..];
        }
    }

    /// <inheritdoc/>
    public bool Equals(Domain? other) => other is not null && string.Equals(Name, other.Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Domain);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
