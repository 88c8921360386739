using System.Globalization;
using Postern.Mail;

namespace Postern.Smtp.Client;

/// <summary>What a host offers in its EHLO reply (RFC 5321 §4.1.1.1).</summary>
public sealed record SmtpExtensions
{
    /// <summary>EHLO was refused and HELO taken: no extension at all.</summary>
    public static readonly SmtpExtensions None = new();
    /// <summary>RFC 2920</summary>
    public bool Pipelining { get; init; }
    /// <summary>RFC 6152</summary>
    public bool EightBitMime { get; init; }
    /// <summary>RFC 6531</summary>
    public bool SmtpUtf8 { get; init; }
    /// <summary>RFC 3461</summary>
    public bool Dsn { get; init; }
    /// <summary>RFC 3207</summary>
    public bool StartTls { get; init; }
    /// <summary>RFC 2034</summary>
    public bool EnhancedStatusCodes { get; init; }
    /// <summary>RFC 1870: SIZE was offered.</summary>
    public bool Size { get; init; }
    /// <summary>RFC 1870: the largest message in octets; null or 0: no fixed limit.</summary>
    public long? MaxSize { get; init; }
    /// <summary>RFC 4954: the mechanisms, upper-case.</summary>
    public IReadOnlyList<string> AuthMechanisms { get; init; } = [];

    /// <summary>
    /// Reads the reply to EHLO (RFC 5321 §4.1.1.1): the first line greets, each further one is a keyword in any case
    /// with its parameters. Keywords that the client has no use for are passed over.
    /// </summary>
    public static SmtpExtensions Parse(SmtpReply ehlo)
    {
        var offered = new SmtpExtensions();
        for (var i = 1; i < ehlo.Lines.Count; i++) offered = offered.With(ehlo.Lines[i]);
        return offered;
    }

    private SmtpExtensions With(ReadOnlySpan<char> line)
    {
        line = line.Trim(' ');
        var space = line.IndexOf(' ');
        var keyword = space < 0 ? line : line[..space];
        var parameters = space < 0 ? default : line[(space + 1)..];
        Span<char> upper = stackalloc char[32];
        var length = keyword.Length > upper.Length ? -1 : keyword.ToUpperInvariant(upper);
        if (length < 0) return this;
        return upper[..length] switch
        {
            "PIPELINING" => this with { Pipelining = true },
            "8BITMIME" => this with { EightBitMime = true },
            "SMTPUTF8" => this with { SmtpUtf8 = true },
            "DSN" => this with { Dsn = true },
            "STARTTLS" => this with { StartTls = true },
            "ENHANCEDSTATUSCODES" => this with { EnhancedStatusCodes = true },
            "SIZE" => this with { Size = true, MaxSize = ReadSize(parameters) },
            "AUTH" => this with
            {
                AuthMechanisms = parameters.ToString().ToUpperInvariant().Split(
                ' ', StringSplitOptions.RemoveEmptyEntries)
            },
            _ => this,
        };
    }

    /// <summary>Digits alone; a number beyond 63 bits is no limit for anything we could send.</summary>
    private static long? ReadSize(ReadOnlySpan<char> digits) =>
        long.TryParse(digits.Trim(' '), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;
}
