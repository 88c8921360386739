using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Postern.Spool.Tests;

/// <summary>A child of the tests: the same program with <c>child</c>, under strace when faults are wanted.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    /// <summary>What it has said.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>Its id.</summary>
    public int Id => _process.Id;

    public static ChildProcess Start(string mode, string folder, params string[] strace)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Postern.Spool.Tests");
        string[] command = [.. strace, program, "child", mode, folder];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>strace that lets a system call fail.</summary>
    public static string[] Failing(string call, string error, string when) =>
        ["strace", "--seccomp-bpf", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}",
            "-e", $"inject={call}:error={error}:when={when}"];

    /// <summary>Reads on until it says a line that begins so.</summary>
    public async Task<string> ReadUntilAsync(string beginning)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            Lines.Enqueue(line);
            if (line.StartsWith(beginning, StringComparison.Ordinal))
                return line;
        }
        throw new InvalidOperationException($"it ended without '{beginning}': {string.Join('|', Lines.TakeLast(20))} "
            + await _process.StandardError.ReadToEndAsync());
    }

    /// <summary>Reads to its end.</summary>
    public async Task ReadToEndAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            Lines.Enqueue(line);
        await _process.WaitForExitAsync();
    }

    /// <summary>The numbers behind a word at the beginning of its lines.</summary>
    public List<long> Numbers(string word) => Lines.Where(line => line.StartsWith(word + " ", StringComparison.Ordinal))
        .Select(line => long.Parse(line[(word.Length + 1)..], CultureInfo.InvariantCulture)).ToList();

    /// <summary>kill -9</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
