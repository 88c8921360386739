using System.Buffers;
using System.Text;

namespace Postern.Smtp.Server;

/// <summary>The argument of EHLO and HELO (RFC 5321 §4.1.1.1). Pure.</summary>
internal static class HelloCommand
{
    /// <summary>Octets of a domain or literal (RFC 5321 §4.5.3.1.2).</summary>
    private const int MaxName = 255;

    // Wider than a domain or literal, for the clients that call themselves otherwise; without any character that could
    // leave the from clause of a Received field.
    private static readonly SearchValues<byte> NameOctets = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:[]+/~#*!$%&'=?^`{|}"u8);

    /// <summary>Checks the name; it need not be that of the address (RFC 5321 §4.1.4, SV05).</summary>
    public static ServerReply? Check(ReadOnlySpan<byte> arguments, bool extended, out ClientGreeting? greeting)
    {
        greeting = null;
        if (arguments.Length is 0 or > MaxName || arguments.ContainsAnyExcept(NameOctets)) return Replies.BadHello;
        greeting = new ClientGreeting(Encoding.ASCII.GetString(arguments), extended);
        return null;
    }
}
