namespace Crash;

/// <summary>When a crash comes.</summary>
internal enum CrashMoment
{
    /// <summary>At random, under load.</summary>
    Load,
    /// <summary>When a host is about to say 250 to the dot: its outcome is not stored yet.</summary>
    Taken,
    /// <summary>When RocksDB has begun a new WAL.</summary>
    WalSwitch,
    /// <summary>When RocksDB has begun a new table.</summary>
    NewTable,
    /// <summary>When RocksDB has merged tables and deletes the old ones.</summary>
    Compaction,
    /// <summary>Twice: under load, and again while the gateway starts.</summary>
    Recovery,
    /// <summary>After SIGTERM.</summary>
    Shutdown,
}
