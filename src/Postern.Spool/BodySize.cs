namespace Postern.Spool;

/// <summary>How a body is stored.</summary>
/// <param name="Chunks">Its pieces.</param>
/// <param name="Octets">Its octets.</param>
internal readonly record struct BodySize(int Chunks, long Octets)
{
    /// <summary>
    /// The octets of a piece but the last: what a pooled buffer holds, and well under a block of the WAL group.
    /// </summary>
    public const int ChunkOctets = 64 * 1024;
}
