using System.Globalization;

namespace Postern.Mail;

/// <summary>An enhanced status code (RFC 3463 §2): class 2, 4 or 5, subject and detail 0 to 999.</summary>
public readonly record struct EnhancedStatus(int Class, int Subject, int Detail)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Class}.{Subject}.{Detail}");
}

/// <summary>
/// A reply of an SMTP server (RFC 5321 §4.2): the code and the text of each line, without the code and its separator.
/// Octets beyond ASCII are kept as Latin-1 characters when they are not UTF-8. Immutable.
/// </summary>
public sealed record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    /// <summary>
    /// The enhanced status at the start of the first line when its class is that of the code (RFC 2034 §4); else null.
    /// </summary>
    public EnhancedStatus? Status { get; init; }

    /// <summary>2xx</summary>
    public bool IsPositive => Code is >= 200 and < 300;
    /// <summary>3xx</summary>
    public bool IsIntermediate => Code is >= 300 and < 400;
    /// <summary>4xx</summary>
    public bool IsTransient => Code is >= 400 and < 500;
    /// <summary>5xx</summary>
    public bool IsPermanent => Code is >= 500 and < 600;
    /// <summary>530, 534, 535 or 538: credentials are demanded or refused (RFC 4954 §6, RFC 2554 §6).</summary>
    public bool IsAboutCredentials => Code is 530 or 534 or 535 or 538;
}
