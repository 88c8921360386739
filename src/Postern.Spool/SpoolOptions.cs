namespace Postern.Spool;

/// <summary>Options of the spool.</summary>
/// <param name="Folder">The folder of the store; made with mode 0700 when missing.</param>
public sealed record SpoolOptions(string Folder);
