using System.Diagnostics;
using System.Globalization;
using Postern.Routing;

namespace Parts;

/// <summary>
/// Loads a routes file from disk in a process of its own, so that memory is that of the load alone: what the process
/// took at its peak, and what the table keeps.
/// </summary>
internal sealed record LoadRun(double Seconds, long Retained, long Peak)
{
    /// <summary>The first argument of the child.</summary>
    public const string Word = "load";

    /// <summary>Measures in a child process.</summary>
    public static LoadRun Measure(string file)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Word, file]) { RedirectStandardOutput = true };
        using var child = Process.Start(start)!;
        var parts = child.StandardOutput.ReadToEnd().Split(' ');
        child.WaitForExit();
        if (child.ExitCode != 0) throw new InvalidOperationException($"the load of {file} failed");
        return new(double.Parse(parts[0], CultureInfo.InvariantCulture),
            long.Parse(parts[1], CultureInfo.InvariantCulture), long.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    /// <summary>The child: loads the file and prints what it took.</summary>
    public static int Run(string file)
    {
        // What the runtime and the parser's own code take is there before the measured load.
        SmtpRoutesFile.Parse("ALL warm.example\n10.0.0.0/8 warm.example\n2001:db8::1 warm.example");
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        var (resident, _) = Resident();
        var clock = Stopwatch.StartNew();
        var load = SmtpRoutesFile.Load(file);
        var seconds = clock.Elapsed.TotalSeconds;
        var (_, peak) = Resident();
        var retained = GC.GetTotalMemory(forceFullCollection: true) - heap;
        if (!load.IsValid) return 1;
        Console.Write(string.Create(CultureInfo.InvariantCulture, $"{seconds} {retained} {peak - resident}"));
        GC.KeepAlive(load);
        return 0;
    }

    // Octets of memory that this process holds now, and held at most (Linux: proc_pid_status(5)).
    private static (long Now, long Peak) Resident()
    {
        long Of(string name) => 1024 * long.Parse(
            File.ReadLines("/proc/self/status").First(l => l.StartsWith(name, StringComparison.Ordinal))
                [(name.Length + 1)..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
        return (Of("VmRSS"), Of("VmHWM"));
    }
}
