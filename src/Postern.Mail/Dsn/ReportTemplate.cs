namespace Postern.Mail.Dsn;

/// <summary>
/// The text for people in a report, a section for each <see cref="DsnAction"/>. Made by
/// <see cref="ReportTemplateParser"/>. Immutable.
/// </summary>
public sealed class ReportTemplate
{
    private readonly Dictionary<DsnAction, ReportSection> _sections;

    internal ReportTemplate(Dictionary<DsnAction, ReportSection> sections) => _sections = sections;

    /// <summary>The built-in text in English.</summary>
    public static ReportTemplate English { get; } = BuiltIn("""
        [failed]
        Subject: Delivery Status Notification (Failure)

        This is the mail gateway {hostname}.

        Your message could not be delivered to the recipients below, and it will
        not be tried again.

        {recipients}

        Your message arrived here on {arrived}.
        What follows says the same for programs and for your postmaster.

        [delayed]
        Subject: Delivery Status Notification (Delay)

        This is the mail gateway {hostname}.

        Your message has not yet been delivered to the recipients below. You need
        not send it again: delivery will be tried until
        {until}.

        {recipients}

        Your message arrived here on {arrived}.
        What follows says the same for programs and for your postmaster.

        [relayed]
        Subject: Delivery Status Notification (Relayed)

        This is the mail gateway {hostname}.

        You asked to be told when your message is delivered. It was handed to the
        mail systems of the recipients below; they do not report deliveries, so
        that this is the last that can be said of it.

        {recipients}

        Your message arrived here on {arrived}.
        What follows says the same for programs and for your postmaster.
        """);

    /// <summary>The built-in text in German.</summary>
    public static ReportTemplate German { get; } = BuiltIn("""
        [failed]
        Subject: Zustellbericht (nicht zugestellt)

        Dies ist das Mail-Gateway {hostname}.

        Ihre Nachricht konnte den folgenden Empfängern nicht zugestellt werden.
        Es wird nicht weiter versucht.

        {recipients}

        Ihre Nachricht ist hier am {arrived} eingegangen.
        Was folgt, sagt dasselbe für Programme und für Ihren Postmaster.

        [delayed]
        Subject: Zustellbericht (verzögert)

        Dies ist das Mail-Gateway {hostname}.

        Ihre Nachricht konnte den folgenden Empfängern noch nicht zugestellt
        werden. Sie müssen sie nicht noch einmal senden: die Zustellung wird bis
        {until} weiter versucht.

        {recipients}

        Ihre Nachricht ist hier am {arrived} eingegangen.
        Was folgt, sagt dasselbe für Programme und für Ihren Postmaster.

        [relayed]
        Subject: Zustellbericht (weitergegeben)

        Dies ist das Mail-Gateway {hostname}.

        Sie wollten erfahren, wann Ihre Nachricht zugestellt ist. Sie wurde den
        Mailsystemen der folgenden Empfänger übergeben; diese berichten nicht
        über Zustellungen, so dass mehr nicht gesagt werden kann.

        {recipients}

        Ihre Nachricht ist hier am {arrived} eingegangen.
        Was folgt, sagt dasselbe für Programme und für Ihren Postmaster.
        """);

    /// <summary>The section for an action; null: it has none.</summary>
    internal ReportSection? SectionOf(DsnAction action) => _sections.GetValueOrDefault(action);

    private static ReportTemplate BuiltIn(string text) => ReportTemplateParser.Parse(text, out var errors)
        ?? throw new InvalidOperationException(errors[0].ToString());
}

/// <summary>A section: the subject of the report, and the lines of its text. Immutable.</summary>
internal sealed record ReportSection(string Subject, IReadOnlyList<IReadOnlyList<ReportPiece>> Lines);

/// <summary>A piece of a line: as it is, or what stands for it in a report. Immutable.</summary>
internal readonly record struct ReportPiece(string? Literal, ReportPlaceholder Placeholder);

/// <summary>What a template can name in braces.</summary>
internal enum ReportPlaceholder
{
    /// <summary><c>{recipients}</c>, alone on its line: each recipient, its status, and what the host said.</summary>
    Recipients,
    /// <summary><c>{hostname}</c>: the name of the gateway.</summary>
    Hostname,
    /// <summary><c>{sender}</c>: the reverse-path of the message.</summary>
    Sender,
    /// <summary><c>{arrived}</c>: when the message was accepted.</summary>
    Arrived,
    /// <summary><c>{until}</c>, in <c>[delayed]</c>: until when delivery is tried.</summary>
    Until,
}

/// <summary>An error in a template: where it is, counted from 1, what is wrong and what to do about it.</summary>
public sealed record TemplateError(int Line, int Column, string Text, string Remedy);
