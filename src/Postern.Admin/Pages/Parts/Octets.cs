namespace Postern.Admin.Pages.Parts;

/// <summary>Sizes for people: 1 MB is 1,000,000 octets, as in postern.toml.</summary>
internal static class Octets
{
    private static readonly string[] units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>A size with at most one decimal.</summary>
    public static string Text(long octets)
    {
        var (value, unit) = ((double)octets, 0);
        for (; value >= 1000 && unit < units.Length - 1; unit++) value /= 1000;
        return $"{Numbers.Text(value)} {units[unit]}";
    }
}
