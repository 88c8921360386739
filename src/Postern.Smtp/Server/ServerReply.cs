using System.Text;

namespace Postern.Smtp.Server;

/// <summary>
/// A reply of one line that the server gives, as it goes onto the wire. Immutable; shared between sessions.
/// </summary>
public sealed class ServerReply
{
    private readonly byte[] _wire;

    /// <summary>
    /// With its octets: three digits, a space, an enhanced code of that class (RFC 2034 §4) and text.
    /// </summary>
    /// <param name="line">Printable ASCII without CRLF.</param>
    /// <exception cref="ArgumentException">It is not a reply line, or would break out of one (I1).</exception>
    public ServerReply(ReadOnlySpan<byte> line)
    {
        if (line.Length < 4 || line[3] != (byte)' ' || line[..3].ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || line.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            throw new ArgumentException("A reply is three digits, a space and printable ASCII", nameof(line));
        }

        _wire = [.. line, .. "\r\n"u8];
        Code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    }

    /// <summary>The reply code, 220 to 555.</summary>
    public int Code { get; }

    /// <summary>4xx and 5xx.</summary>
    public bool IsError => Code >= 400;

    /// <summary>The octets, CRLF included.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>The line without CRLF, for the log.</summary>
    public override string ToString() => Encoding.ASCII.GetString(_wire.AsSpan(0, _wire.Length - 2));
}
