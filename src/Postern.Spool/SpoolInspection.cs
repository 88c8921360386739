using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Looks into a store that no gateway has open, and keeps gateways out while it does. Changes nothing. For one thread.
/// </summary>
public sealed class SpoolInspection : IDisposable
{
    private readonly string _folder;
    private readonly FileStream _lock;
    private readonly RocksStore _store;

    private SpoolInspection(string folder, FileStream lockFile, RocksStore store) =>
        (_folder, _lock, _store) = (folder, lockFile, store);

    /// <summary>Opens the store in <paramref name="folder"/>.</summary>
    /// <exception cref="SpoolException">There is none, a gateway has it open, or it cannot be read.</exception>
    public static SpoolInspection Open(string folder)
    {
        folder = Path.GetFullPath(folder);
        FileStream? lockFile = null;
        try
        {
            lockFile = Lock(StoreOpening.FolderIn(folder));
            var (store, error) = StoreOpening.OpenStore(folder, readOnly: true);
            if (store is not null) return new SpoolInspection(folder, lockFile, store);
            lockFile.Dispose();
            throw new SpoolException($"the spool in {folder} cannot be read: {error}{SpoolFolder.Remedy(error!)}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SpoolException($"there is no spool in {folder}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            lockFile?.Dispose();
            throw new SpoolException(e.Message, e);
        }
    }

    /// <summary>Checks every record against every other; reads all of the store.</summary>
    /// <param name="progress">Told now and then how many records were read.</param>
    public SpoolReport Verify(Action<long>? progress = null)
    {
        using var view = new StoreView(_store);
        return new SpoolVerification(view, new RefusedMids(_folder).Read(), progress, default).Run();
    }

    /// <summary>Counts what is there.</summary>
    public SpoolStatistics Count() => SpoolStatistics.Of(() => _store, _folder);

    /// <summary>The content of a message as it goes out. Dispose it.</summary>
    /// <exception cref="SpoolException">There is no such message, or it cannot be read.</exception>
    public BodyReader OpenBody(Mid mid) => BodyReader.Open(() => _store, mid);

    /// <inheritdoc/>
    public void Dispose()
    {
        _store.Close();
        _lock.Dispose();
    }

    /// <summary>
    /// Keeps gateways out: each holds this lock as long as it runs, and RocksDB takes none to read. Closing the file
    /// gives it back.
    /// </summary>
    /// <exception cref="SpoolException">A gateway runs.</exception>
    internal static FileStream Lock(string storeFolder)
    {
        const FileShare Anybody = FileShare.ReadWrite | FileShare.Delete;
        var path = Path.Combine(storeFolder, "LOCK");
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, Anybody);
        try
        {
            if (!OperatingSystem.IsMacOS()) file.Lock(0, 1);
            return file;
        }
        catch (IOException e)
        {
            file.Dispose();
            throw new SpoolException($"a gateway has the spool in {storeFolder} open, or another command does; stop "
                + "it first, or ask a gateway with 'postern showmessage MID'", e);
        }
    }
}
