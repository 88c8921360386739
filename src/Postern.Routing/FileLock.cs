namespace Postern.Routing;

/// <summary>
/// Lets one process at a time change what a lock file stands for: two edits at once would lose one of them.
/// </summary>
public static class FileLock
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits up to ten seconds for the lock; dispose what is returned to give it back.</summary>
    /// <param name="file">The lock file; it is made with its folder, and stays.</param>
    /// <param name="time">The clock of the wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">Another process holds it for longer, or the folder cannot be written.</exception>
    public static async Task<IDisposable> TakeAsync(
        string file, TimeProvider time, CancellationToken cancellationToken)
    {
        FileOwner.MakeFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return Open(file);
            }
            catch (IOException) when (File.Exists(file) && time.GetElapsedTime(start) < patience)
            {
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException) when (File.Exists(file))
            {
                throw new IOException($"another process has held {file} for ten seconds");
            }
        }
    }

    /// <summary>Takes the lock without a wait; its folder is there.</summary>
    /// <exception cref="IOException">Another process holds it.</exception>
    internal static FileStream Open(string file) => FileOwner.OpenOrMake(file, new FileStreamOptions
    {
        Access = FileAccess.ReadWrite,
        // The framework locks the file for as long as it is open (flock), so a killed process leaves no lock.
        Share = FileShare.None,
    });
}
