namespace Postern.Routes;

/// <summary>
/// Lets one process at a time change the routes file and its history: two edits at once would lose one of them.
/// </summary>
internal static class RoutesFileLock
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits up to ten seconds for the lock; dispose what is returned to give it back.</summary>
    /// <exception cref="IOException">Another process holds it for longer, or the folder cannot be written.</exception>
    public static async Task<IDisposable> TakeAsync(
        string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "lock");
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                // The framework locks the file for as long as it is open (flock), so a killed process leaves no lock.
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(file) && time.GetElapsedTime(start) < patience)
            {
                await Task.Delay(pause, time, cancellationToken);
            }
            catch (IOException) when (File.Exists(file))
            {
                throw new IOException($"another process has held {file} for ten seconds");
            }
        }
    }
}
