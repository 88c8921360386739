using System.Text;

namespace Postern.TestHosts;

/// <summary>Octets of a client: lines that end at CRLF and nothing else, and content that ends at CRLF.CRLF.</summary>
internal sealed class HostReader(Stream stream)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>A line without CRLF as Latin-1; null: the client is gone.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
            if (length >= 0)
            {
                var line = Encoding.UTF8.GetString(_buffer, _start, length);
                _start += length + 2;
                return line;
            }

            if (!await FillAsync(cancellationToken).ConfigureAwait(false)) return null;
        }
    }

    /// <summary>
    /// Content with its dots as they came, and whether the final dot came; ends early after
    /// <paramref name="limit"/> octets.
    /// </summary>
    public async Task<(byte[] Stuffed, bool Dot)> ReadContentAsync(long? limit, CancellationToken cancellationToken)
    {
        var scanned = 0;
        while (true)
        {
            var octets = _buffer.AsSpan(_start, _end - _start);
            if (octets.StartsWith(".\r\n"u8)) return (Take(0, 3), true);
            // The line end that DATA's own CRLF is stands for the one before a dot at the very start.
            var dot = octets[scanned..].IndexOf("\r\n.\r\n"u8);
            if (dot >= 0) return (Take(scanned + dot + 2, 3), true);
            if (limit is not null && octets.Length >= limit) return (Take(octets.Length, 0), false);
            scanned = Math.Max(0, octets.Length - 4);
            if (await FillAsync(cancellationToken).ConfigureAwait(false)) continue;
            return (Take(_end - _start, 0), false);
        }
    }

    private byte[] Take(int octets, int behind)
    {
        var taken = _buffer.AsSpan(_start, octets).ToArray();
        _start += octets + behind;
        return taken;
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }
}
