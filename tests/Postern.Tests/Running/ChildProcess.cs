using System.Diagnostics;
using System.Text;

namespace Postern.Tests.Running;

/// <summary>The program itself, as a process of its own.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly Task<string> error;

    private ChildProcess(Process process)
    {
        this.process = process;
        error = process.StandardError.ReadToEndAsync();
    }

    public int Id => process.Id;

    /// <summary>The path of the program.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "postern");

    public static ChildProcess Start(string folder, params string[] arguments) => Of(folder, [Program, .. arguments]);

    /// <summary>Another program, as one that starts Postern.</summary>
    public static ChildProcess Of(string folder, params string[] command) => new(Process.Start(
        new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    /// <summary>Reads stdout up to a line that begins so.</summary>
    public async Task<string> LineAsync(string start)
    {
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(patience) is { } line)
        {
            output.AppendLine(line);
            if (line.StartsWith(start, StringComparison.Ordinal)) return line;
        }
        throw new InvalidOperationException($"it ended without '{start}': {output}{await error}");
    }

    /// <summary>Reads stdout until this stands there, in a line or between two.</summary>
    public async Task ReadUntilAsync(string text)
    {
        var one = new char[1];
        while (!output.ToString().Contains(text, StringComparison.Ordinal))
        {
            if (await process.StandardOutput.ReadAsync(one.AsMemory()).AsTask().WaitAsync(patience) == 0)
                throw new InvalidOperationException($"it ended without '{text}': {output}{await error}");
            output.Append(one);
        }
    }

    /// <summary>Types at its stdin.</summary>
    public async Task TypeAsync(string keys)
    {
        await process.StandardInput.WriteAsync(keys);
        await process.StandardInput.FlushAsync();
    }

    /// <summary>Sends a signal by its name.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<(int Code, string Out, string Error)> EndAsync()
    {
        output.Append(await process.StandardOutput.ReadToEndAsync().WaitAsync(patience));
        await process.WaitForExitAsync().WaitAsync(patience);
        return (process.ExitCode, output.ToString(), await error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
