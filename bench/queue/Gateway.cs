using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using TestTools;

namespace HeldQueue;

/// <summary>The built program on a spool that is full.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    private readonly string _folder;
    private readonly HttpClient _http = new();
    private Child? _child;
    private Task _output = Task.CompletedTask;

    /// <summary>Writes the configuration: mail of one domain goes to a host that is up, all other to one that is not.
    /// </summary>
    public Gateway(string folder, int livePort)
    {
        _folder = folder;
        Port = FreePort();
        File.WriteAllText(Path.Combine(folder, "postern.toml"), $"""
            hostname = "gw.example"

            [[listener]]
            name = "bench"
            address = "127.0.0.1:{Port}"
            relay_from = ["127.0.0.0/8"]

            [admin]
            address = "127.0.0.1:0"
            """);
        File.WriteAllText(Path.Combine(folder, "smtproutes"),
            $"ALL 127.0.0.1:9\n{Fill.LiveDomain} 127.0.0.1:{livePort}\n");
    }

    /// <summary>Where it takes mail.</summary>
    public int Port { get; }

    /// <summary>The folder of its spool, before it is started.</summary>
    public static string SpoolIn(string folder) => Path.Combine(folder, "data", "spool");

    /// <summary>Starts the process and waits for nothing.</summary>
    public void Start()
    {
        _child = Child.Start(Executable(), ["serve"], _folder);
        _output = _child.Output.ReadToEndAsync();
    }

    /// <summary>Finds the API, which may come later than the first mail.</summary>
    public async Task FindApiAsync(CancellationToken cancel)
    {
        var file = Path.Combine(_folder, "data", "api-address");
        while (!File.Exists(file))
        {
            if (_child!.HasEnded)
            {
                throw new RunException($"postern has ended: {_child.Errors}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancel);
        }

        _http.BaseAddress = new Uri((await File.ReadAllTextAsync(file, cancel)).Trim());
        var token = await File.ReadAllTextAsync(Path.Combine(_folder, "data", "api-token"), cancel);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
        _http.Timeout = TimeSpan.FromMinutes(5);
    }

    /// <summary>Asks the API.</summary>
    public async Task<JsonElement> AskAsync(string path, CancellationToken cancel)
    {
        await using var answer = await _http.GetStreamAsync(new Uri(path, UriKind.Relative), cancel);
        using var document = await JsonDocument.ParseAsync(answer, default, cancel);
        return document.RootElement.Clone();
    }

    /// <summary>Runs a command of the program and returns what it printed.</summary>
    public Task<string> RunAsync(CancellationToken cancel, params string[] command) => Child.RunAsync(
        Executable(), [.. command, "--config", Path.Combine(_folder, "postern.toml")], cancel);

    /// <summary>Megabytes (of 1,000,000 octets) in memory now.</summary>
    public double Megabytes => Kilobytes("VmRSS:") * 1024 / 1e6;

    /// <summary>The most so far.</summary>
    public double PeakMegabytes => Kilobytes("VmHWM:") * 1024 / 1e6;

    /// <summary>User and system time so far, in seconds.</summary>
    public double CpuSeconds
    {
        get
        {
            var text = File.ReadAllText($"/proc/{_child!.Id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[11..13].Sum(f => double.Parse(f, CultureInfo.InvariantCulture)) / 100;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_child is null)
        {
            return;
        }

        await _child.TerminateAsync();
        await _output;
        await _child.DisposeAsync();
    }

    private double Kilobytes(string name)
    {
        var line = File.ReadLines($"/proc/{_child!.Id}/status")
            .First(text => text.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }

    // The time to the first message is measured from outside, so that the port has to be known before.
    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    // The build that belongs to this bench: the same configuration, beside it in the checkout.
    private static string Executable()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var root = output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        var program = Path.Combine(root, "src/Postern/bin", output.Parent.Name, output.Name, "postern");
        return File.Exists(program) ? program : throw new RunException($"{program} is not built");
    }
}
