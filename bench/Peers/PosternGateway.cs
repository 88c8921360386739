using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using TestTools;

namespace Peers;

/// <summary>Postern on its shipped defaults: the configuration says only where to listen and where mail goes.</summary>
internal sealed partial class PosternGateway(string parent) : Gateway(parent)
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(60);
    private Child? _child;
    private Task _output = Task.CompletedTask;

    public override string Name => "postern";

    /// <summary>Lines of the routes file beside the one that leads everything to the next hop.</summary>
    public IReadOnlyList<string> MoreRoutes { get; init; } = [];

    // Spool, logs, and where its API is and what lets in.
    private string Data => Path.Combine(Folder, "data");

    public override async Task StartAsync(NextHop nextHop, string? trace, CancellationToken cancel)
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "postern.toml"), """
            hostname = "postern.bench.example"

            [[listener]]
            name = "bench"
            address = "127.0.0.1:0"
            relay_from = ["127.0.0.0/8"]

            [admin]
            address = "127.0.0.1:0"
            """, cancel);
        var hosts = nextHop.Addresses.Select(address => $"{address}:{nextHop.Port}");
        await File.WriteAllLinesAsync(
            Path.Combine(Folder, "smtproutes"), [$"ALL {string.Join(", ", hosts)}", .. MoreRoutes], cancel);
        var (program, arguments) = Traced(trace, Executable(), ["serve", "--config", "postern.toml"]);
        _child = Child.Start(program, arguments, Folder);
        Port = await ReadPortAsync(_child, cancel).WaitAsync(StartBound, cancel);
        _output = _child.Output.ReadToEndAsync(cancel);
        Id = trace is null ? _child.Id : ProcessTree.Child(_child.Id);
    }

    /// <summary>Changes a route by the command; in force when it is done.</summary>
    public Task EditByCommandAsync(string domain, string host, CancellationToken cancel) => Child.RunAsync(
        Executable(), ["smtproutes", "edit", domain, host, "--config", Path.Combine(Folder, "postern.toml")], cancel);

    /// <summary>Changes a route by the API; in force when it is done.</summary>
    public async Task EditByApiAsync(string domain, string host, CancellationToken cancel)
    {
        using var api = await ApiAsync(cancel);
        using var answer = await api.PostAsync(
            new Uri($"/api/v1/routes/edit?key={domain}&hosts={host}", UriKind.Relative), null, cancel);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>A client of its API that is let in.</summary>
    public async Task<HttpClient> ApiAsync(CancellationToken cancel)
    {
        var address = (await File.ReadAllTextAsync(Path.Combine(Data, "api-address"), cancel)).Trim();
        var token = (await File.ReadAllTextAsync(Path.Combine(Data, "api-token"), cancel)).Trim();
        var client = new HttpClient { BaseAddress = new Uri(address) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public override async Task StopAsync()
    {
        await Child.RunAsync("/bin/kill", ["-TERM", $"{Id}"], CancellationToken.None);
        await _child!.EndedWellAsync("postern", CancellationToken.None);
        await _output;
    }

    public override double PeakMegabytes(double sampled) => ProcessTree.PeakMegabytes(Id);

    protected override async ValueTask CleanUpAsync()
    {
        if (_child is not null)
        {
            await _child.DisposeAsync();
        }
    }

    // The build that belongs to this bench: the same configuration, beside it in the checkout.
    private static string Executable()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var root = output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        var program = Path.Combine(root, "src/Postern/bin", output.Parent.Name, output.Name, "postern");
        return File.Exists(program) ? program : throw new RunException($"{program} is not built");
    }

    private static async Task<int> ReadPortAsync(Child child, CancellationToken cancel)
    {
        while (await child.Output.ReadLineAsync(cancel) is { } line)
        {
            if (Ready().Match(line) is { Success: true } ready)
            {
                return int.Parse(ready.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            }
        }

        throw new RunException($"postern did not start: {child.Errors}");
    }

    [GeneratedRegex(@"listening on 127\.0\.0\.1:(\d+) \(bench\)")]
    private static partial Regex Ready();
}
