using System.Diagnostics;
using System.Text;

namespace TestTools;

/// <summary>
/// A program that a test or the bench started. Its errors are kept (the first 64 kB), its output goes to whoever asks
/// for it. It is killed, by its id, when it still runs at the end.
/// </summary>
internal sealed class Child : IAsyncDisposable
{
    private const int KeptErrors = 64 * 1024;
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly Task _errorReader;

    private Child(Process process)
    {
        _process = process;
        _errorReader = ReadErrorsAsync();
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public StreamReader Output => _process.StandardOutput;

    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString().Trim();
            }
        }
    }

    public static Child Start(
        string program, IEnumerable<string> arguments, string? folder = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new RunException($"{program} did not start");
        process.StandardInput.Close();
        return new Child(process);
    }

    /// <summary>Runs a program to its end and returns what it printed.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        await using var child = Start(program, arguments);
        var output = child.Output.ReadToEndAsync(cancel);
        await child.EndedWellAsync(program, cancel);
        return await output;
    }

    /// <summary>
    /// Ends it at once (SIGKILL). <paramref name="process"/>: what runs under this one, such as under strace, which
    /// ends with it; it would outlive strace.
    /// </summary>
    public async Task KillAsync(int? process = null)
    {
        if (process is { } inner && inner != Id)
        {
            await RunAsync("/bin/kill", ["-KILL", $"{inner}"], CancellationToken.None);
        }
        else
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>Waits for the end, whichever; then <see cref="Errors"/> are complete.</summary>
    public async Task EndedAsync()
    {
        await _process.WaitForExitAsync();
        await _errorReader;
    }

    /// <summary>Waits for the end and takes an exit code other than 0 for an error.</summary>
    public async Task EndedWellAsync(string program, CancellationToken cancel)
    {
        await _process.WaitForExitAsync(cancel);
        await _errorReader;
        if (_process.ExitCode != 0)
        {
            throw new RunException($"{program} ended with {_process.ExitCode}: {Errors}");
        }
    }

    /// <summary>
    /// Asks for an orderly end (SIGTERM), waits for it a minute, and returns the exit code.
    /// <paramref name="process"/>: the program that is asked where it runs under this one, such as under strace.
    /// </summary>
    public async Task<int> TerminateAsync(int? process = null)
    {
        if (!_process.HasExited)
        {
            await RunAsync("/bin/kill", ["-TERM", $"{process ?? Id}"], CancellationToken.None);
        }

        using var bound = new CancellationTokenSource(EndBound);
        await _process.WaitForExitAsync(bound.Token);
        await _errorReader;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_errors)
            {
                if (_errors.Length < KeptErrors)
                {
                    _errors.AppendLine(line);
                }
            }
        }
    }
}
