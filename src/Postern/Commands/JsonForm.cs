using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Postern.Commands;

/// <summary>How commands write JSON: indented, camelCase, and domains of any script readable.</summary>
internal static class JsonForm
{
    /// <summary>The options; never changed.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes a value that may hold a whole table piece by piece, and a line end.</summary>
    public static void WriteLine<T>(TextWriter output, T value)
    {
        using (var octets = new Characters(output)) JsonSerializer.Serialize(octets, value, Options);
        output.WriteLine();
    }

    /// <summary>Hands UTF-8 on as characters.</summary>
    private sealed class Characters(TextWriter output) : Stream
    {
        private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
        private char[] buffer = [];

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> octets)
        {
            // A character may have begun in the octets before these.
            if (buffer.Length < octets.Length + 1) buffer = new char[octets.Length + 1];
            output.Write(buffer, 0, decoder.GetChars(octets, buffer, flush: false));
        }

        public override void Write(byte[] octets, int offset, int count) => Write(octets.AsSpan(offset, count));

        public override void Flush()
        {
            // The writer is flushed by whoever owns it.
        }

        public override int Read(byte[] octets, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
