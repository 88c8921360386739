using System.Globalization;

namespace Postern.Mail.Dsn;

/// <summary>The words of a language that stand between what a report is told. Pure.</summary>
internal sealed class ReportWords
{
    /// <summary>English.</summary>
    public static readonly ReportWords English = new()
    {
        TheHost = "The host",
        Said = "said",
        More = "and {0} recipients more, all of which the report that follows names",
        StatusOf = static status => status.Class == 2 ? "Accepted" : EnhancedStatusText.Of(status),
        DateOf = DeliveryReport.DateOf,
    };

    /// <summary>German.</summary>
    public static readonly ReportWords German = new()
    {
        TheHost = "Der Host",
        Said = "antwortete",
        More = "und {0} weitere Empfänger, die der folgende Bericht alle nennt",
        StatusOf = GermanStatusText.Of,
        DateOf = static at => at.ToString("dd.MM.yyyy HH:mm:ss ", CultureInfo.InvariantCulture)
            + DeliveryReport.ZoneOf(at),
    };

    /// <summary>A host whose name is not known.</summary>
    public required string TheHost { get; init; }

    /// <summary>Between a host and its reply.</summary>
    public required string Said { get; init; }

    /// <summary>Told of recipients that are too many, with their number for <c>{0}</c>.</summary>
    public required string More { get; init; }

    /// <summary>A status in words.</summary>
    public required Func<EnhancedStatus, string> StatusOf { get; init; }

    /// <summary>A date.</summary>
    public required Func<DateTimeOffset, string> DateOf { get; init; }
}
