using System.Globalization;
using System.Text;

namespace Failover;

/// <summary>Prints the figures.</summary>
internal static class Report
{
    private static readonly CompositeFormat Columns = CompositeFormat.Parse(
        "{0,-21} {1,-8} {2,9} {3,9} {4,6} {5,12} {6,9} {7,6} {8,6} {9,5} {10,7}");

    public static char Letter(Trouble trouble) => (char)('a' + (int)trouble - 1);

    public static void PrintHead() => Print(
        "the bad host", "gateway", "healthy/s", "trouble/s", "kept", "its share", "fruitless", "again", "out", "lost",
        "doubled");

    public static void PrintRow(Figures figures) => Print(
        $"({Letter(figures.Trouble)}) {Words(figures.Trouble)}", figures.Gateway, Show(figures.Healthy, 0),
        Show(figures.Troubled, 0), Show(figures.Kept * 100, 0) + " %",
        Percents(figures.Shares),
        figures.Fruitless, Show(figures.UsedAgain, 1), Show(figures.LeftOut, 1), figures.Lost, figures.Doubled);

    private static void Print(params object[] cells) =>
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, Columns, cells));

    private static string Words(Trouble trouble) => trouble switch
    {
        Trouble.Silent => "is silent",
        Trouble.Refuses => "refuses",
        Trouble.Banner421 => "421 in the banner",
        Trouble.Mail452 => "452 to MAIL",
        _ => "451 to RCPT",
    };

    private static string Percents(IEnumerable<double> parts) =>
        string.Join("/", parts.Select(part => Show(part * 100, 0))) + " %";

    private static string Show(double? figure, int digits) => figure is { } number && double.IsFinite(number)
        ? number.ToString($"F{digits}", CultureInfo.InvariantCulture) : "-";
}
