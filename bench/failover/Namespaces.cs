using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using TestTools;

namespace Failover;

/// <summary>
/// The bench runs in a network of its own, which has loopback and nothing else: every connection that the kernel counts
/// there as refused is the gateway's. Its mounts are its own as well, for the names that the peers look up in /etc.
/// </summary>
internal static class Namespaces
{
    public const string EximUser = "Debian-exim";

    /// <summary>The option that tells the program that it is inside; the run's folder follows.</summary>
    public const string Inside = "--inside";

    // Ids that Debian gives to no package and to no person.
    private const int EximId = 64990;

    /// <summary>Runs this program again, inside, and returns its exit code.</summary>
    public static async Task<int> RunInsideAsync(string folder, IEnumerable<string> args)
    {
        var start = new ProcessStartInfo("unshare",
            ["--mount", "--net", "--", Environment.ProcessPath!, Inside, folder, .. args]);
        using var process = Process.Start(start) ?? throw new RunException("unshare did not start");
        // Ctrl-C reaches the program inside by itself; this one waits until it has ended what it started.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            Process.Start("/bin/kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]).Dispose();
        });
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>Brings loopback up and the names in: of the destination, and of Exim's user.</summary>
    public static async Task PrepareAsync(
        string folder, string destination, IEnumerable<string> addresses, CancellationToken cancel)
    {
        await Child.RunAsync("ip", ["link", "set", "lo", "up"], cancel);
        var hosts = addresses.Select(address => $"{address} {destination}");
        await ReplaceAsync(folder, "hosts", _ => ["127.0.0.1 localhost", .. hosts], cancel);
        await AddAsync(folder, "passwd", $"{EximUser}:x:{EximId}:{EximId}::/nonexistent:/usr/sbin/nologin", cancel);
        await AddAsync(folder, "group", $"{EximUser}:x:{EximId}:", cancel);
    }

    /// <summary>Connections so far, from anywhere inside, that the other side refused.</summary>
    public static int Refused()
    {
        // Tcp of RFC 4022: tcpAttemptFails.
        var lines = File.ReadLines("/proc/self/net/snmp")
            .Where(line => line.StartsWith("Tcp:", StringComparison.Ordinal)).Select(line => line.Split(' ')).ToList();
        return int.Parse(lines[1][Array.IndexOf(lines[0], "AttemptFails")], CultureInfo.InvariantCulture);
    }

    private static Task AddAsync(string folder, string name, string entry, CancellationToken cancel) =>
        ReplaceAsync(folder, name, lines => lines.Any(line => line.StartsWith(EximUser + ':', StringComparison.Ordinal))
            ? lines : [.. lines, entry], cancel);

    private static async Task ReplaceAsync(
        string folder, string name, Func<string[], string[]> change, CancellationToken cancel)
    {
        var target = Path.Combine("/etc", name);
        var source = Path.Combine(folder, name);
        await File.WriteAllLinesAsync(source, change(await File.ReadAllLinesAsync(target, cancel)), cancel);
        await Child.RunAsync("mount", ["--bind", source, target], cancel);
    }
}
