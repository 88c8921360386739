using System.Buffers;
using System.Text;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>Says what is wrong with a name that <see cref="Mail.Domain.TryParse"/> did not take.</summary>
internal static class NameProblem
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");

    /// <summary>
    /// The first fault of the name that begins at <paramref name="start"/> of <paramref name="text"/>.
    /// </summary>
    public static RouteProblem Of(ReadOnlySpan<char> text, int start, Sentence what)
    {
        var name = text[start..];
        if (name.IsEmpty) return new(0, $"'{text}' is no {what}", $"write a name like mail.example.com");
        var at = name.IndexOfAnyExcept(NameCharacters);
        if (at >= 0 && name[at] <= 0x7F)
        {
            return new(start + at, $"'{name[at]}' cannot stand in a {what}",
                $"a name has letters, digits, hyphens and dots");
        }
        if (name.Length > Mail.Domain.MaxLength)
        {
            return new(start, $"the {what} has more than 253 characters", $"shorten it");
        }
        var position = start;
        foreach (var range in (name[^1] == '.' ? name[..^1] : name).Split('.'))
        {
            var label = name[range];
            position = start + range.Start.Value;
            if (label.IsEmpty)
            {
                return new(position, $"'{name}' has an empty part between dots", $"take the dot out");
            }
            if (label.Length > Mail.Domain.MaxLabelLength && Ascii.IsValid(label))
            {
                return new(position, $"a part of the {what} has more than 63 characters", $"shorten it");
            }
            if (label[0] == '-' || label[^1] == '-')
            {
                return new(position, $"'{label}' begins or ends with a hyphen", $"take the hyphen out");
            }
        }
        return Ascii.IsValid(name)
            ? new(position, $"'{name}' ends in a part of digits only, which no {what} does",
                $"write a name, or an IPv4 address of four decimal octets")
            : new(start, $"'{name}' is not a valid internationalized name",
                $"check its characters, or write A-labels (xn--…)");
    }
}
