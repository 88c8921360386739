using System.Globalization;

namespace Peers;

/// <summary>What the kernel says in /proc about a process and all its descendants.</summary>
internal static class ProcessTree
{
    // The unit of times in /proc/PID/stat on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>User and system time in seconds, with that of children which have ended and were waited for.</summary>
    public static double CpuSeconds(int root)
    {
        var stats = Stats();
        // From field 14 on: utime, stime, cutime, cstime.
        return Family(root, stats).Sum(id => stats[id][11..15].Sum(Number)) / TicksPerSecond;
    }

    /// <summary>
    /// Megabytes in memory now, the processes added up, a page that several share in equal parts to each (PSS).
    /// </summary>
    public static double ProportionalMegabytes(int root) =>
        Family(root, Stats()).Sum(id => Kilobytes($"/proc/{id}/smaps_rollup", "Pss:")) * 1024 / 1e6;

    /// <summary>The most megabytes that a single process ever had in memory, shared pages in full.</summary>
    public static double PeakMegabytes(int process) => Kilobytes($"/proc/{process}/status", "VmHWM:") * 1024 / 1e6;

    private static double Kilobytes(string file, string name)
    {
        try
        {
            var line = File.ReadLines(file).FirstOrDefault(text => text.StartsWith(name, StringComparison.Ordinal));
            return line is null ? 0 : Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]);
        }
        catch (IOException)
        {
            // The process has ended since it was listed.
            return 0;
        }
    }

    /// <summary>The only child of a process.</summary>
    public static int Child(int parent) =>
        Stats().Single(process => (int)Number(process.Value[1]) == parent).Key;

    private static HashSet<int> Family(int root, Dictionary<int, string[]> stats)
    {
        var family = new HashSet<int> { root };
        var before = 0;
        while (family.Count != before)
        {
            before = family.Count;
            var members = stats.Where(process => family.Contains((int)Number(process.Value[1])));
            family.UnionWith(members.Select(process => process.Key).ToList());
        }

        family.IntersectWith(stats.Keys);
        return family;
    }

    // The fields behind the name, which stands in parentheses and may hold anything: [0] is the state, field 3.
    private static Dictionary<int, string[]> Stats()
    {
        var stats = new Dictionary<int, string[]>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                try
                {
                    var text = File.ReadAllText($"{folder}/stat");
                    stats[id] = text[(text.LastIndexOf(')') + 2)..].Split(' ');
                }
                catch (IOException)
                {
                    // The process has ended between the listing and the reading.
                }
            }
        }

        return stats;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
