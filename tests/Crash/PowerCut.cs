namespace Crash;

/// <summary>Where the power of a disk is cut, and so what is lost.</summary>
internal enum PowerCut
{
    /// <summary>
    /// In the file system: ext4 is shut down without a flush (EXT4_IOC_SHUTDOWN), by which the developers of Linux test
    /// the same. Dirty pages and the running transaction of the journal die.
    /// </summary>
    FileSystem,
    /// <summary>
    /// In the drive: <see cref="CachedDrive"/>. What it was sent and did not have to flush dies as well.
    /// </summary>
    Drive,
}
