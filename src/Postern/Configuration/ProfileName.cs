using Postern.Mail;

namespace Postern.Configuration;

/// <summary>Names of profiles: they stand in a line of the routes file and in the log, so they are one word.</summary>
internal static class ProfileName
{
    /// <summary>What a name may be.</summary>
    public static readonly Sentence Remedy = $"Use 1 to 64 of a-z, A-Z, 0-9, '-', '_' and '.', and no dot first";

    /// <summary>1 to 64 letters, digits, hyphens, underscores and dots. Secrets are files of that name, which "." and
    /// ".." cannot be, and which nobody overlooks.</summary>
    public static bool IsValid(string name) =>
        name.Length is >= 1 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && name[0] != '.';
}
