using Postern.Smtp.Client;
using Postern.Spool;

namespace Postern.Delivery.Acting;

/// <summary>The content of a message, read from the spool as the wire takes it. For one transaction.</summary>
internal sealed class SpoolContent(BodyReader reader) : IContentSource, IDisposable
{
    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> ReadNextAsync(CancellationToken cancellationToken) => new(reader.ReadNext());

    /// <inheritdoc/>
    public void Dispose() => reader.Dispose();
}
