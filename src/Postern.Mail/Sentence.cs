using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Postern.Mail;

/// <summary>
/// A text for people that keeps apart what was put into it, so that a page can say it in another language. It is
/// written as an interpolated string and is English by itself. Equal to one that says the same. Immutable when written.
/// </summary>
/// <remarks>No conversion from a plain string: what is put together before could not be said otherwise.</remarks>
[InterpolatedStringHandler]
public sealed class Sentence : IEquatable<Sentence>
{
    private readonly StringBuilder _form;
    private readonly List<object> _parts;

    /// <summary>Begins one; the compiler calls it.</summary>
    /// <param name="literalLength">UTF-16 units of what stands between the parts.</param>
    /// <param name="formattedCount">The parts.</param>
    public Sentence(int literalLength, int formattedCount) =>
        (_form, _parts) = (new StringBuilder(literalLength), new List<object>(formattedCount));

    /// <summary>
    /// The words with <c>{0}</c>, <c>{1}</c>, … for the parts, as <see cref="string.Format(string, object[])"/> reads
    /// them.
    /// </summary>
    public string Form => _form.ToString();

    /// <summary>What is put in: strings, and sentences of their own.</summary>
    public IReadOnlyList<object> Parts => _parts;

    /// <summary>As it is in English.</summary>
    [return: NotNullIfNotNull(nameof(sentence))]
    public static implicit operator string?(Sentence? sentence) => sentence?.ToString();

    /// <summary>Adds words; the compiler calls it.</summary>
    public void AppendLiteral(string words) =>
        _form.Append(words.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

    /// <summary>Adds a part; the compiler calls it.</summary>
    public void AppendFormatted(ReadOnlySpan<char> part) => Add(part.ToString());

    /// <summary>Adds a part; the compiler calls it.</summary>
    public void AppendFormatted(Sentence part) => Add(part);

    /// <summary>Adds a part, which looks the same in every language; the compiler calls it.</summary>
    public void AppendFormatted<T>(T part, string? format = null) => Add(part is IFormattable value
        ? value.ToString(format, CultureInfo.InvariantCulture) : part?.ToString() ?? "");

    /// <inheritdoc/>
    public override string ToString() => string.Format(CultureInfo.InvariantCulture, Form, [.. _parts]);

    /// <inheritdoc/>
    public bool Equals(Sentence? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Sentence);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    private void Add(object part)
    {
        _form.Append(CultureInfo.InvariantCulture, $"{{{_parts.Count}}}");
        _parts.Add(part);
    }
}
