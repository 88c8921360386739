using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Postern.Demo;

/// <summary>A connection in lines that end with CRLF, as far as the demo needs it. For one thread.</summary>
internal sealed class SmtpLines(Stream stream)
{
    /// <summary>A line that is longer ends the connection.</summary>
    private const int MaxLine = 4_096;

    private readonly PipeReader reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

    /// <summary>The next line without its CRLF; null at the end of the connection.</summary>
    public async ValueTask<string?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (TryTakeLine(ref buffer, out var line))
            {
                reader.AdvanceTo(buffer.Start);
                return line;
            }
            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || buffer.Length > MaxLine) return null;
        }
    }

    /// <summary>Writes lines, each with its CRLF, in one piece.</summary>
    public ValueTask WriteAsync(CancellationToken cancellationToken, params string[] lines) =>
        stream.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\r\n"))), cancellationToken);

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, out string line)
    {
        var bytes = new SequenceReader<byte>(buffer);
        line = "";
        if (!bytes.TryReadTo(out ReadOnlySequence<byte> content, "\r\n"u8)) return false;
        line = Encoding.UTF8.GetString(content);
        buffer = buffer.Slice(bytes.Position);
        return true;
    }
}
