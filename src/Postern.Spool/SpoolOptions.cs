namespace Postern.Spool;

/// <summary>Options of the spool.</summary>
/// <param name="Folder">The folder of the store; made with mode 0700 when missing.</param>
public sealed record SpoolOptions(string Folder)
{
    /// <summary>How much of the disk is kept free.</summary>
    public SpaceThresholds Space { get; init; } = new();

    /// <summary>Tells the free octets of the disk; null: the file system of the folder does.</summary>
    public Func<long>? FreeOctets { get; init; }
}
