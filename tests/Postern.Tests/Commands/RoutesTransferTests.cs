using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Postern.Commands;

namespace Postern.Tests.Commands;

/// <summary><c>smtproutes import</c> and <c>export</c> with what is not a plain file, or not right.</summary>
public sealed class RoutesTransferTests : IDisposable
{
    private const string Table = "# b\u00fccher\nb\u00fccher.example 127.0.0.10\n";

    private readonly WorkFolder work = new();

    public void Dispose() => work.Dispose();

    // é of Latin-1 in line 2, and an error of another kind in each of the lines around it.
    private static readonly byte[] latin = Encoding.Latin1.GetBytes(
        "a.example 1.2.3\nb.example x # caf\u00e9\nc.example y auth=none\n");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Octets_that_are_not_utf8_are_named_with_all_other_errors(bool merge)
    {
        await File.WriteAllBytesAsync(work.PathOf("latin.txt"), latin);

        var (code, output, error) = await work.RunAsync(
            ["smtproutes", "import", work.PathOf("latin.txt"), merge ? "--merge" : "--yes"]);

        Assert.Equal((1, ""), (code, output));
        AssertLatin(work.PathOf("latin.txt"), error);
    }

    [Fact]
    public async Task Stdin_is_read_as_octets()
    {
        var (code, _, error) = await RunAsync(latin, null, "import", "-", "--yes");

        Assert.Equal(1, code);
        AssertLatin("stdin", error);
        Assert.False(File.Exists(work.RoutesFile));

        Assert.Equal(0, (await RunAsync(Encoding.UTF8.GetBytes(Table), null, "import", "-", "--yes")).Code);
        Assert.Equal(Table, work.Read("smtproutes"));
    }

    [Fact]
    public async Task Stdout_gets_the_octets_of_the_file()
    {
        work.Write("smtproutes", "\ufeff" + Table);
        using var octets = new MemoryStream();

        Assert.Equal(0, (await RunAsync([], octets, "export", "-")).Code);

        Assert.Equal(await File.ReadAllBytesAsync(work.RoutesFile), octets.ToArray());
    }

    [Fact]
    public async Task What_comes_out_of_a_pipe_is_imported_and_an_export_goes_into_one()
    {
        var pipe = work.PathOf("pipe");
        await DoAsync("mkfifo", pipe);
        // The opening of a pipe waits for its other end.
        var writing = Task.Run(() => File.WriteAllText(pipe, Table));

        var (code, _, error) = await work.RunAsync("smtproutes", "import", pipe, "--yes");
        Assert.Equal((0, ""), (code, error));
        await writing;

        var link = work.PathOf("link");
        File.CreateSymbolicLink(link, pipe);
        var reading = Task.Run(() => File.ReadAllText(pipe));
        (code, _, error) = await work.RunAsync("smtproutes", "export", link);

        Assert.Equal((0, ""), (code, error));
        Assert.True(File.GetAttributes(link).HasFlag(FileAttributes.ReparsePoint));
        Assert.Equal(Table, await reading.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task An_export_to_a_link_writes_what_it_leads_to()
    {
        work.Write("smtproutes", Table);
        File.CreateSymbolicLink(work.PathOf("link"), "farther");
        File.CreateSymbolicLink(work.PathOf("farther"), "real");

        // Once it is made, once it is replaced.
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(0, (await work.RunAsync("smtproutes", "export", work.PathOf("link"))).Code);
            Assert.Equal(Table, work.Read("real"));
            Assert.Equal("farther", new FileInfo(work.PathOf("link")).LinkTarget);
            Assert.Equal("real", new FileInfo(work.PathOf("farther")).LinkTarget);
            work.Write("real", "");
        }
    }

    [Fact]
    public async Task An_import_without_a_route_does_not_empty_the_table()
    {
        work.Write("smtproutes", Table);
        work.Write("other", "# nothing\n");

        var (code, _, error) = await work.RunAsync("smtproutes", "import", work.PathOf("other"), "--yes");

        Assert.Equal(1, code);
        Assert.Contains("would delete all routes", error, StringComparison.Ordinal);
        Assert.Equal(Table, work.Read("smtproutes"));
    }

    [Fact]
    public async Task An_import_of_a_folder_says_that_it_is_one()
    {
        var (code, _, error) = await work.RunAsync("smtproutes", "import", work.PathOf(""), "--yes");

        Assert.Equal((1, $"postern: {work.PathOf("")} cannot be read: it is a folder\n"), (code, error));
    }

    [Theory]
    [InlineData("--yes")]
    [InlineData("--merge")]
    public async Task An_import_speaks_json(string how)
    {
        work.Write("smtproutes", "a.example x.example\n");
        work.Write("other", "a.example y.example\nb.example z.example\n");

        var (code, output, error) = await work.RunAsync("smtproutes", "import", work.PathOf("other"), how, "--json");

        Assert.Equal((0, ""), (code, error));
        var done = JsonDocument.Parse(output).RootElement;
        Assert.Equal("b.example", done.GetProperty("added")[0].GetProperty("key").GetString());
        Assert.Equal("a.example", done.GetProperty("altered")[0].GetProperty("after").GetProperty("key").GetString());
        Assert.Equal((0, 2), (done.GetProperty("removed").GetArrayLength(), done.GetProperty("routes").GetInt32()));
    }

    private async Task<(int Code, string Out, string Error)> RunAsync(
        byte[] input, Stream? octets, params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal(TextReader.Null, output, error, Interactive: false)
        {
            InOctets = () => new MemoryStream(input),
            OutOctets = () => octets!,
        };
        var code = await CommandLine.RunAsync(
            ["smtproutes", .. arguments, "--config", work.ConfigurationFile], terminal, TimeProvider.System, default);
        return (code, output.ToString(), error.ToString());
    }

    private static void AssertLatin(string file, string error) => Assert.Collection(
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries),
        line => Assert.StartsWith($"{file}:1:11: error: '1.2.3' is not an IPv4", line, StringComparison.Ordinal),
        line => Assert.StartsWith($"{file}:2:18: error: the octets here are not UTF-8", line, StringComparison.Ordinal),
        line => Assert.StartsWith($"{file}:3:18: error: the profile 'none' is not", line, StringComparison.Ordinal));

    private static async Task DoAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
