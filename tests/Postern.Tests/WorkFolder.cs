using Postern.Commands;

namespace Postern.Tests;

/// <summary>A folder of its own for a test, with a configuration that uses it, and command lines run in it.</summary>
public sealed class WorkFolder : IDisposable
{
    /// <summary>Listens on free ports of loopback.</summary>
    public const string FreePorts = "[[listener]]\naddress = \"127.0.0.1:0\"\n[admin]\naddress = \"127.0.0.1:0\"\n";

    private readonly string folder = Directory.CreateTempSubdirectory("postern-test-").FullName;

    public WorkFolder(string configuration = FreePorts) => Write("postern.toml", configuration);

    public string ConfigurationFile => PathOf("postern.toml");

    public string RoutesFile => PathOf("smtproutes");

    public string PathOf(string name) => Path.Combine(folder, name);

    public void Write(string name, string text) => File.WriteAllText(PathOf(name), text);

    public string Read(string name) => File.ReadAllText(PathOf(name));

    /// <summary>Runs a command line in this process.</summary>
    public Task<(int Code, string Out, string Error)> RunAsync(params string[] arguments) =>
        RunOnAsync(null, TimeProvider.System, arguments);

    /// <summary>
    /// Runs a command line; <paramref name="typed"/>: what a person types at the terminal, null: none is there.
    /// </summary>
    public async Task<(int Code, string Out, string Error)> RunOnAsync(
        string? typed, TimeProvider time, params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal(new StringReader(typed ?? ""), output, error, Interactive: typed is not null);
        var code = await CommandLine.RunAsync([.. arguments, "--config", ConfigurationFile], terminal, time, default);
        return (code, output.ToString(), error.ToString());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
