using System.Diagnostics.CodeAnalysis;

namespace Postern.Mail;

/// <summary>
/// A domain name as it is compared and routed on: lower-case A-labels, no trailing dot (RFC 5321 §2.3.5, RFC 5890 §2.3.2.1).
/// Immutable; may be used by several threads.
/// </summary>
public sealed class Domain : IEquatable<Domain>
{
    private Domain(string name) => Name = name;

    /// <summary>The name in lower-case A-labels, 1 to 253 characters.</summary>
    public string Name { get; }

    /// <summary>Reads a domain in A-labels or U-labels, any case, with or without a trailing dot.</summary>
    /// <returns>False when a label is empty, longer than 63 octets, or has a character no host name has.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Domain? domain) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public bool Equals(Domain? other) => other is not null && string.Equals(Name, other.Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Domain);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
