using System.Globalization;

namespace Postern.Spool;

/// <summary>
/// A store beside a damaged one that opens: of its files as far as they can be read. The damaged one stays as it is.
/// Once only.
/// </summary>
/// <param name="original">The folder of the damaged store.</param>
/// <param name="copy">The folder of the copy, which is not there yet.</param>
internal sealed class DamagedCopy(string original, string copy)
{
    /// <summary>Where RocksDB puts what it can make nothing of.</summary>
    private const string LostFolder = "lost";

    private readonly List<string> _leftOut = [];

    /// <summary>What could not be read, in words; a sentence without its dot each.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>Makes it and opens it for reading.</summary>
    /// <exception cref="SpoolException">Nothing can be made of these files.</exception>
    /// <exception cref="IOException">The copy cannot be made.</exception>
    public RocksStore Open()
    {
        CopyFiles();
        var error = OpenedBy(out var store);
        if (store is not null) return store;
        _leftOut.Add($"the list of tables cannot be used ({error}) and was made anew");
        error = RocksStore.RepairList(copy);
        if (error is null) error = OpenedBy(out store);
        if (store is null) throw new SpoolException($"nothing can be made of {original}: {InOriginal(error!)}");
        NoteLostTables();
        return store;
    }

    // Tables never change, so that a second name is as good as a copy.
    private void CopyFiles()
    {
        Directory.CreateDirectory(copy);
        foreach (var file in new DirectoryInfo(original).EnumerateFiles().OrderBy(file => file.Name))
        {
            var target = Path.Combine(copy, file.Name);
            switch (file.Extension)
            {
                case ".sst":
                    LinuxCalls.Link(file.FullName, target);
                    break;
                case ".log":
                    if (WalSalvage.Copy(file.FullName, target) is > 0 and var octets)
                        _leftOut.Add(Octets($"{octets} of {file.Length} octets of {file.Name} cannot be read"));
                    break;
                // RocksDB's own log goes by these names.
                default:
                    if (!file.Name.StartsWith("LO", StringComparison.Ordinal)) file.CopyTo(target);
                    break;
            }
        }
    }

    // Where the list of tables is missing RocksDB would begin a new one.
    private string? OpenedBy(out RocksStore? store)
    {
        (store, var error) = StoreOpening.OpenWhole(copy, WalReading.SkipsDamage, readOnly: true);
        return error is null ? null : InOriginal(error);
    }

    private void NoteLostTables()
    {
        var lost = new DirectoryInfo(Path.Combine(copy, LostFolder));
        if (!lost.Exists) return;
        foreach (var file in lost.EnumerateFiles("*.sst").OrderBy(file => file.Name))
            _leftOut.Add(Octets($"the table {file.Name}, of {file.Length} octets, cannot be read"));
    }

    private string InOriginal(string error) => error.Replace(copy, original, StringComparison.Ordinal);

    private static string Octets(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
