using TestTools;

namespace Scenarios;

/// <summary>
/// What a failed change leaves when the disk goes on failing: what stood there before is there again as durably as it
/// was, or the operator is told that this is not known. Each row names the syncs of a command that fail, counted from
/// its first: those of a file's content and of its folder take turns.
/// </summary>
public sealed class FailedUndoTests
{
    private const string Before = "old.example 192.0.2.1\n";
    private const string After = Before + "new.example 192.0.2.2\n";
    private const string Uncertain = "may be in force";

    [Theory]
    // The folder of the routes file; what stood there is put back: its content is synced, and then the folder.
    [InlineData("2", Before, false)]
    // That content cannot be synced, and is not put in the place of what can.
    [InlineData("2..3", After, true)]
    // It is there again, and a power cut may take it away.
    [InlineData("2+2", Before, true)]
    // The entry of the history, behind the routes file: content, then folder.
    [InlineData("3", Before, false)]
    [InlineData("4", Before, false)]
    // What the history keeps of it is in doubt; the routes are not.
    [InlineData("4..5", Before, false)]
    // The entry, and what is to undo the change of the routes file: content, folder.
    [InlineData("3..4", After, true)]
    [InlineData("3+2", After, true)]
    public async Task Routes_that_cannot_be_written_with_their_history(string syncs, string left, bool isUncertain)
    {
        await using var gateway = await GatewayProcess.PrepareAsync(Before);
        // The history knows what stands there.
        await gateway.RunAsync("smtproutes", "new", "other.example", "192.0.2.9");
        await gateway.RunAsync("smtproutes", "delete", "other.example", "--yes");

        var said = await FailAsync(gateway, syncs, "", "smtproutes", "new", "new.example", "192.0.2.2");

        Assert.Contains("cannot be written: ", said, StringComparison.Ordinal);
        Assert.Equal(isUncertain, said.Contains(Uncertain, StringComparison.Ordinal));
        Assert.Equal(left, await File.ReadAllTextAsync(gateway.RoutesFile));
        Assert.Empty(Leftovers(gateway));
        // Nothing is left of it that keeps it from being done now.
        await gateway.RunAsync("smtproutes", left == After ? "edit" : "new", "new.example", "192.0.2.2");
        Assert.Equal(After, await File.ReadAllTextAsync(gateway.RoutesFile));
    }

    [Theory]
    // The password is written, then postern.toml: of that content or folder.
    [InlineData("3", "old", false)]
    [InlineData("4", "old", false)]
    // The password of before cannot be put back: content, folder.
    [InlineData("3..4", "new", true)]
    [InlineData("3+2", "new", true)]
    public async Task A_password_whose_profile_cannot_be_written(string syncs, string left, bool isUncertain)
    {
        await using var gateway = await GatewayProcess.PrepareAsync(Before);
        await RunAsync(gateway, "old", [], "smtpauth", "new", "office", "--username", "gw@gw.example");
        var toml = await File.ReadAllTextAsync(gateway.Configuration);

        var said = await FailAsync(
            gateway, syncs, "new", "smtpauth", "edit", "office", "--username", "other@gw.example", "--password");

        Assert.Contains($"{gateway.Configuration} cannot be written: ", said, StringComparison.Ordinal);
        Assert.Equal(isUncertain, said.Contains(Uncertain, StringComparison.Ordinal));
        Assert.Equal(toml, await File.ReadAllTextAsync(gateway.Configuration));
        Assert.Equal($"{left}\n", await File.ReadAllTextAsync(Secret(gateway)));
        Assert.Empty(Leftovers(gateway));
    }

    [Theory]
    [InlineData("3", false)]
    [InlineData("3..4", true)]
    public async Task A_first_password_whose_profile_cannot_be_written_goes_again(string syncs, bool isUncertain)
    {
        await using var gateway = await GatewayProcess.PrepareAsync(Before);
        var toml = await File.ReadAllTextAsync(gateway.Configuration);

        var said = await FailAsync(
            gateway, syncs, "new", "smtpauth", "new", "office", "--username", "gw@gw.example");

        Assert.Equal(isUncertain, said.Contains(Uncertain, StringComparison.Ordinal));
        Assert.Equal(toml, await File.ReadAllTextAsync(gateway.Configuration));
        Assert.False(File.Exists(Secret(gateway)));
        Assert.Empty(Leftovers(gateway));
    }

    private static string Secret(GatewayProcess gateway) => Path.Combine(gateway.Folder, "secrets/office");

    // Runs a command whose syncs fail so, which ends with 1, and returns what it says of that.
    private static async Task<string> FailAsync(
        GatewayProcess gateway, string syncs, string input, params string[] command)
    {
        var (exit, errors) = await RunAsync(gateway, input,
        [
            ForeignTool.Strace.Require(), "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync",
            "-e", $"inject=fsync:error=EIO:when={syncs}",
        ], command);
        Assert.Equal(1, exit);
        return errors;
    }

    private static async Task<(int Exit, string Errors)> RunAsync(
        GatewayProcess gateway, string input, string[] under, params string[] command)
    {
        var given = Path.Combine(gateway.Folder, "input");
        await File.WriteAllTextAsync(given, input);
        await using var child = Child.Start("/bin/sh",
        [
            "-c", $"exec \"$0\" \"$@\" < {given}", .. under, GatewayProcess.Executable(), .. command,
            "--config", gateway.Configuration,
        ]);
        await child.EndedAsync();
        return (await child.TerminateAsync(), child.Errors);
    }

    // Files that were to take the place of others.
    private static IEnumerable<string> Leftovers(GatewayProcess gateway) =>
        Directory.EnumerateFiles(gateway.Folder, "*.tmp", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = 0,
        });
}
