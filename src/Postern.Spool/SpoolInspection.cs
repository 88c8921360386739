using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Looks into a store that no gateway has open, and keeps gateways out while it does. Changes nothing. For one thread.
/// </summary>
public sealed class SpoolInspection : IDisposable
{
    private readonly string _folder;
    private readonly StoreLock _lock;
    private readonly RocksStore _store;

    private SpoolInspection(string folder, StoreLock held, RocksStore store) =>
        (_folder, _lock, _store) = (folder, held, store);

    /// <summary>Opens the store in <paramref name="folder"/>.</summary>
    /// <exception cref="SpoolException">There is none, somebody has it open, or it cannot be read.</exception>
    public static SpoolInspection Open(string folder)
    {
        folder = Path.GetFullPath(folder);
        StoreLock? held = null;
        try
        {
            held = StoreLock.Take(folder, StoreUse.Look);
            var (store, error) = StoreOpening.OpenStore(folder, readOnly: true);
            if (store is not null) return new SpoolInspection(folder, held, store);
            held.Dispose();
            throw new SpoolException($"the spool in {folder} cannot be read: {error}{SpoolFolder.Remedy(error!)}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            held?.Dispose();
            throw new SpoolException($"there is no spool in {folder}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
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
    /// <param name="progress">Told now and then how many messages were read.</param>
    public SpoolStatistics Count(Action<long>? progress = null) =>
        SpoolStatistics.Of(() => _store, _folder, progress);

    /// <summary>The content of a message as it goes out. Dispose it.</summary>
    /// <exception cref="SpoolException">There is no such message, or it cannot be read.</exception>
    public BodyReader OpenBody(Mid mid) => BodyReader.Open(() => _store, mid);

    /// <inheritdoc/>
    public void Dispose()
    {
        _store.Close();
        _lock.Dispose();
    }
}
