namespace Postern.Spool.Tests;

/// <summary>The store behind the back of the spool.</summary>
internal static class RawStore
{
    /// <summary>All keys, in hexadecimal.</summary>
    public static List<string> Keys(TestFolder folder)
    {
        var keys = new List<string>();
        With(folder, (store, _) => store.Scan([0], [0xFF], (key, _) =>
        {
            keys.Add(Convert.ToHexString(key));
            return true;
        }));
        return keys;
    }

    /// <summary>Writes records.</summary>
    public static void Write(TestFolder folder, Action<RocksBatch> fill) => With(folder, (store, batch) =>
    {
        store.Begin(batch);
        fill(batch);
        Assert.Null(store.Write(batch, sync: true));
    });

    private static void With(TestFolder folder, Action<RocksStore, RocksBatch> act)
    {
        var (store, error) = RocksStore.Open(Path.Combine(folder.Path, "store"), WalReading.Strict);
        Assert.Null(error);
        using var batch = new RocksBatch();
        act(store!, batch);
        store!.Close();
    }
}
