namespace Postern.Mail.Dsn;

/// <summary>The language of the part of a report that is for people.</summary>
public enum ReportLanguage
{
    /// <summary>English.</summary>
    English,
    /// <summary>German.</summary>
    German,
    /// <summary>English, then German.</summary>
    Both,
}
