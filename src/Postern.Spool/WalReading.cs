namespace Postern.Spool;

/// <summary>How a store is opened that may be damaged.</summary>
internal enum WalReading
{
    /// <summary>Anything that cannot be read but a record that is cut off at the end fails the opening.</summary>
    Strict,
    /// <summary>What cannot be read at the end is known to be a tail that a power cut left half written.</summary>
    DropsTornTail,
    /// <summary>What cannot be read is left out, acknowledged or not: on the copy that a repair makes.</summary>
    SkipsDamage,
}
