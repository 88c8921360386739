using System.Text;
using Postern.Delivery.Deciding;
using Postern.Routing;

namespace Postern.Delivery.Acting;

/// <summary>
/// The hosts that are taken out by hand, in a file of their own, so that they stay drained over a restart: one a line,
/// as <see cref="HostSelector"/> reads it. A change is on disk before it is in force. Owned by the engine; members may
/// be called by several threads.
/// </summary>
public sealed class DrainList
{
    /// <summary>Entries; a further one is refused.</summary>
    public const int MaxEntries = 10_000;

    private readonly Lock _lock = new();
    private readonly string _file;
    private HashSet<HostSelector> _entries = [];

    private DrainList(string file) => _file = file;

    /// <summary>Reads the list; no file is an empty list.</summary>
    /// <exception cref="IOException">It cannot be read, or a line is no host: nobody knows then what was drained.
    /// </exception>
    public static DrainList Open(string file)
    {
        var list = new DrainList(file);
        if (!File.Exists(file)) return list;
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (line.Length == 0) continue;
            if (!HostSelector.TryParse(line, out var selector) || list._entries.Count == MaxEntries)
                throw new IOException($"{file}:{number}: '{line}' is no host; correct the line or take it out");
            list._entries.Add(selector);
        }
        return list;
    }

    /// <summary>Adds hosts; <paramref name="apply"/> gets the whole list, in the order of the changes.</summary>
    /// <returns>False: they are drained already.</returns>
    /// <exception cref="IOException">The list is full, or cannot be written; nothing has changed.</exception>
    public bool Add(HostSelector selector, Action<IReadOnlySet<HostSelector>> apply)
    {
        lock (_lock)
        {
            if (_entries.Any(e => e.Covers(selector))) return false;
            if (_entries.Count >= MaxEntries) throw new IOException($"{MaxEntries} hosts are drained already");
            Use([.. _entries.Where(e => !selector.Covers(e)), selector], apply);
            return true;
        }
    }

    /// <summary>Removes hosts; <paramref name="apply"/> gets the whole list, in the order of the changes.</summary>
    /// <returns>False: none of them is drained under this name and port.</returns>
    /// <exception cref="IOException">The list cannot be written; nothing has changed.</exception>
    public bool Remove(HostSelector selector, Action<IReadOnlySet<HostSelector>> apply)
    {
        lock (_lock)
        {
            if (!_entries.Any(selector.Covers)) return false;
            Use([.. _entries.Where(e => !selector.Covers(e))], apply);
            return true;
        }
    }

    /// <summary>The whole list as it is now.</summary>
    public IReadOnlySet<HostSelector> Entries
    {
        get
        {
            lock (_lock) return _entries;
        }
    }

    private void Use(HashSet<HostSelector> entries, Action<IReadOnlySet<HostSelector>> apply)
    {
        var lines = entries.Select(e => e.ToString()).Order(StringComparer.Ordinal);
        AtomicFile.Write(_file, Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))));
        _entries = entries;
        apply(entries);
    }
}
