using System.Globalization;
using System.Net;
using System.Text;
using Postern.Mail;
using Postern.Smtp.Server;

namespace Postern.Reception;

/// <summary>Writes our Received field (RFC 5321 §4.4). Pure.</summary>
internal static class ReceivedField
{
    // Time-stamp-line = "Received:" FWS Stamp; Stamp = From-domain By-domain Opt-info ";" FWS date-time
    /// <summary>The whole field with its CRLF.</summary>
    /// <param name="request">Says how the client greeted, and in which protocol.</param>
    /// <param name="client">Its address.</param>
    /// <param name="verifiedName">The name of the address that leads back to it; null: not known by now.</param>
    /// <param name="host">Our name.</param>
    /// <param name="mid">The message.</param>
    /// <param name="at">The local time.</param>
    public static byte[] Format(
        MailRequest request, IPAddress client, Domain? verifiedName, Domain host, Mid mid, DateTimeOffset at)
    {
        var literal = AddressLiteral.Of(client);
        var tcpInfo = verifiedName is null ? literal : $"{verifiedName} {literal}";
        var offset = at.Offset;
        var sign = offset < TimeSpan.Zero ? '-' : '+';
        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"Received: from {request.Greeting.Name} ({tcpInfo})\r\n"
            + $"\tby {host} (Postern) with {Protocol(request)} id {mid};\r\n"
            + $"\t{at:ddd, d MMM yyyy HH:mm:ss} {sign}{offset:hhmm}\r\n"));
    }

    // RFC 3848 §1, RFC 6531 §4.3.
    private static string Protocol(MailRequest request) =>
        request.Envelope.SmtpUtf8 ? "UTF8SMTP" : request.Greeting.Extended ? "ESMTP" : "SMTP";
}
