namespace Postern.Tests.Running;

/// <summary>
/// <c>postern smtpauth</c> in a folder without postern.toml, by the built program: it is made only where no gateway was
/// started with one. <c>postern check</c> misses it there.
/// </summary>
public sealed class LostConfigurationTests : IDisposable
{
    private static readonly string[] newProfile =
        ["new", "office", "--username", "gw", "--password-env", "OFFICE_PASSWORD"];

    private readonly WorkFolder work = new();

    private string Lost => $"{work.ConfigurationFile}:1:1: error: the file is missing, with which the gateway of "
        + $"{work.PathOf("data")} was started. Put it back";

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task A_file_that_a_gateway_was_started_with_is_not_made_anew()
    {
        await using (var gateway = await ServeAsync())
        {
            File.Delete(work.ConfigurationFile);
            await using (var check = ChildProcess.Start(work.PathOf("."), "check"))
            {
                var (code, output, _) = await check.EndAsync();
                Assert.Equal(1, code);
                Assert.StartsWith(Lost, output, StringComparison.Ordinal);
            }
            await RefusedAsync(Lost, newProfile);
            await RefusedAsync(Lost, "edit", "office", "--username", "gw");
            await RefusedAsync(Lost, "delete", "office");
            await EndAsync(gateway);
        }
        await RefusedAsync(Lost, newProfile);

        // Whoever starts the gateway without it wants the defaults.
        await using (await RunningGateway.StartAsync(work, hasFile: false)) { }
        await DoneAsync(newProfile);
    }

    [Fact]
    public async Task The_file_that_a_gateway_uses_in_its_place_is_named()
    {
        File.Move(work.ConfigurationFile, work.PathOf("gw.toml"));
        await using var gateway = await ServeAsync("--config", "gw.toml");

        await RefusedAsync($"{work.ConfigurationFile}:1:1: error: there is no such file, and the gateway of "
            + $"{work.PathOf("data")} was started with {work.PathOf("gw.toml")}. Give the command --config "
            + $"{work.PathOf("gw.toml")}.\n", newProfile);
        await DoneAsync([.. newProfile, "--config", "gw.toml"]);
        Assert.False(File.Exists(work.ConfigurationFile));
    }

    [Fact]
    public async Task A_file_that_a_running_gateway_has_taken_up_is_known_from_then_on()
    {
        File.Delete(work.ConfigurationFile);
        await using var gateway = await RunningGateway.StartAsync(work, hasFile: false);
        work.Write("postern.toml", WorkFolder.FreePorts);
        await gateway.LoggedAsync("postern.toml was read and is in force");
        File.Delete(work.ConfigurationFile);

        await RefusedAsync(Lost, newProfile);
    }

    [Fact]
    public async Task The_first_command_in_a_folder_makes_the_file()
    {
        File.Delete(work.ConfigurationFile);

        await DoneAsync(newProfile);

        Assert.StartsWith("[auth_profile.office]", work.Read("postern.toml"), StringComparison.Ordinal);
    }

    private async Task<ChildProcess> ServeAsync(params string[] options)
    {
        var gateway = ChildProcess.Start(work.PathOf("."), ["serve", .. options]);
        await gateway.LineAsync("ready");
        return gateway;
    }

    private static async Task EndAsync(ChildProcess gateway)
    {
        await gateway.SignalAsync("TERM");
        await gateway.EndAsync();
    }

    private async Task RefusedAsync(string says, params string[] words)
    {
        var (code, output, error) = await RunAsync(words);
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith(says, error, StringComparison.Ordinal);
        Assert.False(File.Exists(work.ConfigurationFile));
    }

    private async Task DoneAsync(string[] words)
    {
        var (code, _, error) = await RunAsync(words);
        Assert.Equal((0, ""), (code, error));
    }

    private async Task<(int Code, string Out, string Error)> RunAsync(string[] words)
    {
        await using var command = ChildProcess.Start(work.PathOf("."), ["smtpauth", .. words]);
        return await command.EndAsync();
    }
}
