using TestTools;

namespace Failover;

/// <summary>
/// Debian's Exim, unpacked beside a system that has Postfix: both cannot be installed at the same time.
/// </summary>
internal static class EximPackage
{
    // Libraries that Exim needs and a system without it may lack, with their packages in Debian 12.
    private static readonly Dictionary<string, string> Libraries = new(StringComparer.Ordinal)
    {
        ["libidn.so.12"] = "libidn12",
        ["libdb-5.3.so"] = "libdb5.3",
        ["libnsl.so.2"] = "libnsl2",
        ["libtirpc.so.3"] = "libtirpc3",
        ["libpcre2-8.so.0"] = "libpcre2-8-0",
        ["libgnutls-dane.so.0"] = "libgnutls-dane0",
        ["libunbound.so.8"] = "libunbound8",
        ["libevent-2.1.so.7"] = "libevent-2.1-7",
    };

    public static string Program(string folder) => Path.Combine(folder, "usr/sbin/exim4");

    /// <summary>The folders of what was unpacked for it, as LD_LIBRARY_PATH has them.</summary>
    public static string LibraryPath(string folder) =>
        string.Join(':', Directory.GetDirectories(Path.Combine(folder, "usr/lib"), "*-linux-gnu"));

    /// <summary>Gets it and the libraries that are missing by apt, and unpacks all of it into a folder.</summary>
    public static async Task UnpackAsync(string folder, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.Combine(folder, "usr/lib/x86_64-linux-gnu"));
        await GetAsync(folder, ["exim4-daemon-light"], cancel);
        // Without the bit the program keeps LD_LIBRARY_PATH; it starts as root and gives that up.
        await Child.RunAsync("chmod", ["u-s", Program(folder)], cancel);
        while (await MissingAsync(folder, cancel) is { Count: > 0 } missing)
        {
            var packages = missing.Select(library => Libraries.GetValueOrDefault(library)
                ?? throw new RunException($"exim needs {library}, and its package is not known")).ToList();
            await GetAsync(folder, packages, cancel);
            var still = await MissingAsync(folder, cancel);
            if (still.Intersect(missing).FirstOrDefault() is { } lacking)
            {
                throw new RunException($"exim needs {lacking}, and {Libraries[lacking]} does not have it");
            }
        }
    }

    private static async Task GetAsync(string folder, IReadOnlyList<string> packages, CancellationToken cancel)
    {
        var download = Directory.CreateDirectory(Path.Combine(folder, Guid.NewGuid().ToString("N"))).FullName;
        await using (var apt = Child.Start("apt-get", ["-q", "download", .. packages], download))
        {
            await apt.Output.ReadToEndAsync(cancel);
            await apt.EndedWellAsync("apt-get download", cancel);
        }

        foreach (var package in Directory.GetFiles(download, "*.deb"))
        {
            await Child.RunAsync("dpkg", ["-x", package, folder], cancel);
        }

        Directory.Delete(download, recursive: true);
    }

    private static async Task<List<string>> MissingAsync(string folder, CancellationToken cancel)
    {
        var environment = new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = LibraryPath(folder) };
        await using var ldd = Child.Start("ldd", [Program(folder)], environment: environment);
        var output = await ldd.Output.ReadToEndAsync(cancel);
        await ldd.EndedWellAsync("ldd", cancel);
        return [.. output.Split('\n').Where(line => line.Contains("not found", StringComparison.Ordinal))
            .Select(line => line.Trim().Split(' ')[0])];
    }
}
