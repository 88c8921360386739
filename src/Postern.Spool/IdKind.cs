namespace Postern.Spool;

/// <summary>The sequences of ids; the numbers are part of the keys.</summary>
internal enum IdKind : byte
{
    /// <summary>Messages.</summary>
    Mid = 1,
    /// <summary>Incoming connections.</summary>
    Icid = 2,
    /// <summary>Outgoing connections.</summary>
    Dcid = 3,
}
