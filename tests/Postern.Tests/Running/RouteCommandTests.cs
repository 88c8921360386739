using System.Diagnostics;
using System.Runtime.Versioning;
using Postern.Commands;
using Postern.Routes;

namespace Postern.Tests.Running;

/// <summary>Commands that change routes and profiles beside a running gateway.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RouteCommandTests : IDisposable
{
    private const string Nobody = "65534";

    private readonly WorkFolder work = new();

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task Edits_at_the_same_time_are_the_versions_of_the_history_and_nothing_else()
    {
        await using var running = await RunningGateway.StartAsync(work);
        for (var wave = 0; wave < 2; wave++)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
            {
                var (code, _, error) = await work.RunAsync("smtproutes", "new", $"d{wave}{i}.example", "a.example");
                Assert.Equal((0, ""), (code, error));
            })));
        }

        var versions = new RoutesHistory(work.PathOf("data/routes-history"), TimeProvider.System).List();

        Assert.Equal(16, running.Gateway.Routes.Count);
        Assert.All(versions, version => Assert.Equal(
            (Environment.UserName, $"+ {version.Change.Replace("new ", "", StringComparison.Ordinal)} a.example"),
            (version.Author, Assert.Single(version.Diff))));
        Assert.Equal(16, versions.Count);
    }

    [Fact]
    public async Task Routes_that_the_gateway_does_not_take_up_are_told_so()
    {
        work.Write("smtproutes", "a.example b.example\n");
        await using var running = await RunningGateway.StartAsync(work);
        // The command goes by another configuration than the gateway, which knows of no such profile.
        work.Write("other.toml", WorkFolder.FreePorts
            + "[auth_profile.office]\nusername = \"u\"\npassword_env = \"P\"\n");
        var (output, error) = (new StringWriter(), new StringWriter());

        var code = await CommandLine.RunAsync(
            ["smtproutes", "new", "c.example", "d.example", "--auth", "office", "--config", work.PathOf("other.toml")],
            new Terminal(TextReader.Null, output, error, Interactive: false), TimeProvider.System, default);

        Assert.Equal(1, code);
        Assert.Contains("1 added", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("was written, but the running gateway did not take it up, and the routes before stay in force: "
            + "line 2, column 26: the profile 'office' is not defined", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, running.Gateway.Routes.Count);
    }

    [Fact]
    public async Task Routes_that_a_running_gateway_could_not_be_told_of_are_no_success()
    {
        await using var gateway = ChildProcess.Start(work.PathOf("."), "serve");
        await gateway.LineAsync("ready");
        work.Write("data/api-token", new string('a', 64));

        var (code, output, error) = await work.RunAsync("smtproutes", "new", "c.example", "d.example");

        Assert.Equal((1, $"{work.RoutesFile}: 1 added, 0 altered, 0 removed; 1 route\n"), (code, output));
        Assert.StartsWith($"postern: {work.RoutesFile} was written, but the running gateway could not be told, and "
            + "takes it up within two seconds if it reads it by itself, as its log says then: a gateway (process "
            + $"{gateway.Id}) runs on ", error, StringComparison.Ordinal);
        Assert.Equal("c.example d.example\n", work.Read("smtproutes"));
    }

    [Fact]
    public async Task A_route_may_name_a_profile_that_was_made_a_moment_before()
    {
        await using var running = await RunningGateway.StartAsync(work);
        var (made, _, _) = await work.RunAsync(
            "smtpauth", "new", "office", "--username", "u", "--password-env", "P");

        var (code, _, error) = await work.RunAsync("smtproutes", "new", "c.example", "d.example", "--auth", "office");

        Assert.Equal((0, 0, ""), (made, code, error));
        Assert.Equal("office", Assert.Single(running.Gateway.Routes.Routes).AuthProfile);
    }

    [Fact]
    public async Task What_root_changes_stays_with_the_user_of_the_gateway()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root gives files away");
        work.Write("smtproutes", "a.example b.example\n");
        File.SetUnixFileMode(
            work.RoutesFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Directory.CreateDirectory(work.PathOf("data"));
        await AnswerAsync("chown", "-R", $"{Nobody}:{Nobody}", work.PathOf(""));
        // The configuration is root's, and so is the folder of it in which the passwords are to be.
        await AnswerAsync("chown", "root:root", work.PathOf(""), work.ConfigurationFile);

        await DoneAsync("smtpauth", "new", "office", "--username", "u");
        await DoneAsync("smtproutes", "new", "c.example", "d.example", "--auth", "office");
        await DoneAsync("smtproutes", "rollback", "1", "--yes");

        var others = await AnswerAsync("find", work.PathOf(""), "-mindepth", "1", "!", "-user", Nobody);
        Assert.Equal([work.PathOf(".smtproutes.lock"), work.ConfigurationFile],
            others.Split('\n').Order(StringComparer.Ordinal));
        Assert.Equal($"{Nobody}:{Nobody} 640", await AnswerAsync("stat", "-c", "%u:%g %a", work.RoutesFile));
        Assert.Equal($"{Nobody}:{Nobody} 600", await AnswerAsync(
            "stat", "-c", "%u:%g %a", work.PathOf("secrets/office")));

        // In a folder that is its own, the gateway can go on to edit, too.
        await AnswerAsync("chown", Nobody, work.PathOf(""));
        File.Delete(work.PathOf(".smtproutes.lock"));
        await DoneAsync("smtproutes", "new", "e.example", "d.example");
        Assert.Equal(work.ConfigurationFile, await AnswerAsync(
            "find", work.PathOf(""), "-mindepth", "1", "!", "-user", Nobody));
    }

    private async Task DoneAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal(new StringReader("secret\n"), output, error, Interactive: false);
        var code = await CommandLine.RunAsync(
            [.. arguments, "--config", work.ConfigurationFile], terminal, TimeProvider.System, default);
        Assert.Equal((0, ""), (code, error.ToString()));
    }

    private static async Task<string> AnswerAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }
}
