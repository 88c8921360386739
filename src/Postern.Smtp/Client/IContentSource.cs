namespace Postern.Smtp.Client;

/// <summary>Content to send, pulled piece by piece; empty at the end. The piece is valid until the next call.</summary>
public interface IContentSource
{
    /// <summary>The next piece.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReadNextAsync(CancellationToken cancellationToken);
}
