using System.CommandLine;
using Postern.Commands;

namespace Postern.Tests.Commands;

/// <summary>Contract §1: help with an example for every command, exit codes 0, 1 and 2, the reason on stderr.</summary>
public sealed class UsageTests
{
    public static TheoryData<string> AllCommands() =>
        [.. Below(CommandTree.Build(new Terminal(TextReader.Null, TextWriter.Null, TextWriter.Null, Interactive: false),
            TimeProvider.System), "")];

    [Theory]
    [MemberData(nameof(AllCommands))]
    public async Task The_help_of_every_command_shows_an_example(string command)
    {
        var (code, output, error) = await RunAsync([.. command.Split(' '), "--help"]);

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Example:", output, StringComparison.Ordinal);
        Assert.Contains($"  postern {command}", output, StringComparison.Ordinal);
        Assert.Contains("--config <FILE>", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_help_of_the_program_lists_its_commands_and_an_example()
    {
        var (code, output, _) = await RunAsync("--help");

        Assert.Equal(0, code);
        Assert.All((string[])["serve", "demo", "check", "smtproutes", "Example:"],
            word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "a command is missing: serve, demo, check, smtproutes")]
    [InlineData("sreve", "did you mean 'serve'?")]
    [InlineData("smtproutes prnt", "did you mean 'print'?")]
    [InlineData("smtproutes", "a subcommand is missing: new, edit")]
    [InlineData("smtproutes new", "DOMAIN")]
    [InlineData("smtproutes new example.com", "HOST")]
    [InlineData("smtproutes new example.com 10.0.0.1 --port", "'--port' is no option here")]
    [InlineData("smtproutes edit --force example.com 10.0.0.1", "'--force' is no option here")]
    [InlineData("smtproutes delete --all", "'--all' is no option here")]
    [InlineData("smtproutes rollback x", "x")]
    [InlineData("smtproutes test nobody@", "neither an address nor a domain")]
    [InlineData("check --jsn", "--jsn")]
    [InlineData("serve @x", "@x")]
    [InlineData("rate --seconds abc", "--seconds is 1 to 3600")]
    [InlineData("rate --count 99999999999", "--count is 0 to 2147483647")]
    [InlineData("tophosts --limit 1e3", "--limit is 1 to 1000")]
    [InlineData("showrecipients --all --limit 0", "--limit is 1 to 1000")]
    [InlineData("findevent --mid 1 --limit x", "--limit is 1 to")]
    [InlineData("admin token new robot --days 1.5", "--days is 1 to")]
    [InlineData("admin audit list --limit -1", "--limit is 1 to 1000")]
    public async Task Wrong_usage_exits_2_with_one_line(string line, string says)
    {
        var (code, output, error) = await RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("FILE is empty", "smtproutes", "export", "")]
    [InlineData("FILE is empty", "smtproutes", "import", "", "--yes")]
    [InlineData("--config is empty; say which FILE", "smtproutes", "print", "--config", "")]
    [InlineData("--config is empty; say which FILE", "--config", "", "check")]
    [InlineData("--auth is empty; say which PROFILE", "smtproutes", "new", "a.example", "host", "--auth", "")]
    [InlineData("--option is empty; say which WORD=VALUE", "smtproutes", "edit", "a.example", "host", "--option", "")]
    [InlineData("HOST is empty", "smtproutes", "new", "a.example", "")]
    [InlineData("ADDRESS is empty", "smtproutes", "test", "")]
    [InlineData("--host is empty", "showrecipients", "--host", "")]
    public async Task An_empty_value_is_wrong_usage(string says, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("check")]
    [InlineData("smtproutes print")]
    public async Task A_configuration_file_that_was_named_has_to_exist(string line)
    {
        var (code, output, error) = await RunAsync([.. line.Split(' '), "--config", "/nowhere/postern.toml"]);

        Assert.Equal(1, code);
        Assert.Contains("/nowhere/postern.toml is missing", output + error, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Below(Command command, string path) => command.Subcommands.SelectMany(
        next => Below(next, $"{path}{next.Name} ").Prepend($"{path}{next.Name}"));

    private static async Task<(int, string, string)> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal(TextReader.Null, output, error, Interactive: false);
        var code = await CommandLine.RunAsync(arguments, terminal, TimeProvider.System, default);
        return (code, output.ToString(), error.ToString());
    }
}
