using System.Text.Json;

namespace Postern.Tests.Commands;

/// <summary><c>postern check</c> (contract §1).</summary>
public sealed class CheckTests : IDisposable
{
    private readonly WorkFolder work = new();

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task Says_ok_and_changes_nothing()
    {
        var (code, output, error) = await work.RunAsync("check");

        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("ok: ", output, StringComparison.Ordinal);
        Assert.False(File.Exists(work.RoutesFile));
        Assert.False(Directory.Exists(work.PathOf("data")));
    }

    [Fact]
    public async Task Prints_every_error_of_the_routes_with_its_place()
    {
        work.Write("smtproutes", "example.com 192.168.10\nALL USEDNS\nx.example a.example auth=none\n");

        var (code, output, _) = await work.RunAsync("check");

        Assert.Equal(1, code);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.StartsWith($"{work.RoutesFile}:1:13: error: ", lines[0], StringComparison.Ordinal);
        Assert.Contains("four decimal octets", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"{work.RoutesFile}:2:5: error: ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith($"{work.RoutesFile}:3:26: error: ", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_of_both_files_are_told_in_one_pass()
    {
        work.Write("postern.toml", "hostnam = 'x'\n[smtp_routes]\nfile = 'other'\n"
            + "[auth_profile.office]\nusername = 'u'\n");
        work.Write("other", "example.com 192.168.10\nx.example a.example auth=office\ny.example b auth=none\n");

        var (_, output, _) = await work.RunAsync("check");

        Assert.Equal([(work.ConfigurationFile, 1), (work.ConfigurationFile, 4), (work.PathOf("other"), 1),
            (work.PathOf("other"), 3)], Places(output));
    }

    [Theory] // A profile that may stand where the file cannot be read is no error; nor is another file than the named.
    [InlineData("hostname = \"x\n[auth_profile.office]\nusername = 'u'\n", 0)]
    [InlineData("x = = 3\n[smtp_routes]\nfile = 'smtproutes'\n", 1)]
    [InlineData("[smtp_routes]\nfile = 3\n", 0)]
    public async Task What_cannot_be_known_of_the_routes_is_not_told(string configuration, int known)
    {
        work.Write("postern.toml", configuration);
        work.Write("smtproutes", "example.com 192.168.10\nx.example a.example auth=office\n");

        var (_, output, _) = await work.RunAsync("check");

        Assert.NotEmpty(output);
        Assert.Equal(known, Places(output).Count(p => p.File == work.RoutesFile));
    }

    private static IEnumerable<(string File, int Line)> Places(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(':'))
            .Select(parts => (parts[0], int.Parse(parts[1], null)));

    [Fact]
    public async Task Missing_routes_are_an_error_once_there_is_a_spool()
    {
        Directory.CreateDirectory(work.PathOf("data/spool/db"));

        var (code, output, _) = await work.RunAsync("check");

        Assert.Equal(1, code);
        Assert.Contains("smtproutes is missing", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gives_errors_as_json()
    {
        work.Write("postern.toml", "hostnam = 'x'\n[log]\njson = 3\n");

        var (code, output, _) = await work.RunAsync("check", "--json");

        Assert.Equal(1, code);
        using var json = JsonDocument.Parse(output);
        Assert.False(json.RootElement.GetProperty("ok").GetBoolean());
        var errors = json.RootElement.GetProperty("errors").EnumerateArray()
            .Select(e => (e.GetProperty("line").GetInt32(), e.GetProperty("column").GetInt32()));
        Assert.Equal([(1, 1), (3, 8)], errors);
    }
}
