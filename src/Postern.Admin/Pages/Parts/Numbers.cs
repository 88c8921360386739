using System.Globalization;

namespace Postern.Admin.Pages.Parts;

/// <summary>
/// Numbers for people, with the signs of the language of the page. The cultures of the program have no data of their
/// own, so that what programs read has the same signs for everybody.
/// </summary>
internal static class Numbers
{
    private static readonly NumberFormatInfo german =
        new() { NumberDecimalSeparator = ",", NumberGroupSeparator = "." };

    /// <summary>In thousands, with at most one decimal.</summary>
    public static string Text(double number) => number.ToString("#,0.#",
        CultureInfo.CurrentUICulture.Name == "de" ? german : NumberFormatInfo.InvariantInfo);
}
