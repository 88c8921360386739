using System.Net;
using System.Net.Sockets;
using Postern.Demo;

namespace Postern.Tests.Running;

/// <summary><c>postern serve</c> and <c>postern demo</c> as processes of their own (contract §1).</summary>
public sealed class ServeTests : IDisposable
{
    private readonly WorkFolder work = new();

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task Takes_mail_delivers_it_and_ends_with_0_on_SIGTERM()
    {
        await using var host = DemoHost.Start(IPAddress.Loopback, "mail.example", full: false);
        work.Write("smtproutes", $"example.com {host.Address}\n");
        await using var postern = Start("serve");
        var listening = await postern.LineAsync("listening on 127.0.0.1:");
        await postern.LineAsync("ready");

        await DemoClient.SendAsync(IPEndPoint.Parse(listening.Split(' ')[2]), default);
        await host.FirstMessage.WaitAsync(TimeSpan.FromSeconds(60));
        await postern.SignalAsync("TERM");
        var (code, output, error) = await postern.EndAsync();

        Assert.Equal((0, ""), (code, error));
        Assert.EndsWith("stopped\n", output, StringComparison.Ordinal);
        Assert.Contains("admin page http://127.0.0.1:", output, StringComparison.Ordinal);
        Assert.Contains("Message finished MID 1 done", work.Read("data/logs/mail.log"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_signal_loses_nothing()
    {
        await using var postern = Start("serve");
        var listening = await postern.LineAsync("listening on 127.0.0.1:");
        await postern.LineAsync("ready");
        using var client = new TcpClient();
        await client.ConnectAsync(IPEndPoint.Parse(listening.Split(' ')[2]));
        var lines = new SmtpLines(client.GetStream());
        await AnsweredAsync(lines, "220", null);
        await AnsweredAsync(lines, "250", "HELO src.example");
        await AnsweredAsync(lines, "250", "MAIL FROM:<alice@src.example>");
        await AnsweredAsync(lines, "250", "RCPT TO:<bob@nowhere.invalid>");
        await AnsweredAsync(lines, "354", "DATA");

        await postern.SignalAsync("TERM");
        await postern.LineAsync("stopping");
        await postern.SignalAsync("TERM");
        await postern.LineAsync("still stopping");
        // The transaction in progress ends as if nothing had happened.
        await AnsweredAsync(lines, "250", "Subject: x\r\n\r\ny\r\n.");

        var (code, _, _) = await postern.EndAsync();
        Assert.Equal(0, code);
        Assert.Contains("MID 1 queued for delivery", work.Read("data/logs/mail.log"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_very_first_start_makes_an_empty_routes_file_and_a_data_folder_for_its_owner()
    {
        await using var postern = Start("serve");
        await postern.LineAsync("ready");

        Assert.Equal("", work.Read("smtproutes"));
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (!OperatingSystem.IsWindows()) Assert.Equal(ownerOnly, File.GetUnixFileMode(work.PathOf("data")));
    }

    [Fact]
    public async Task Routes_that_are_missing_while_there_is_a_spool_stop_the_start()
    {
        await using (var first = Start("serve"))
        {
            await first.LineAsync("ready");
            await first.SignalAsync("TERM");
            Assert.Equal(0, (await first.EndAsync()).Code);
        }
        File.Delete(work.RoutesFile);

        await using var postern = Start("serve");
        var (code, output, error) = await postern.EndAsync();

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("smtproutes is missing", error, StringComparison.Ordinal);
        Assert.False(File.Exists(work.RoutesFile));
    }

    [Fact]
    public async Task A_wrong_configuration_serves_nothing_and_prints_all_errors()
    {
        work.Write("postern.toml", "hostnam = \"x\"\n[log]\njson = 1\n");

        await using var postern = Start("serve");
        var (code, output, error) = await postern.EndAsync();

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("postern.toml:1:1: error: unknown key 'hostnam'", error, StringComparison.Ordinal);
        Assert.Contains("postern.toml:3:8: error: json is the number 1", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(work.PathOf("data")));
    }

    [Fact]
    public async Task A_wrong_routes_file_serves_nothing()
    {
        work.Write("smtproutes", "example.com 192.168.10\nALL USEDNS\n");

        await using var postern = Start("serve");
        var (code, output, error) = await postern.EndAsync();

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("smtproutes:1:13: error: ", error, StringComparison.Ordinal);
        Assert.Contains("smtproutes:2:5: error: ", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(work.PathOf("data/spool")));
    }

    [Theory]
    [InlineData("[[listener]]\naddress = \"ADDRESS\"\n[admin]\naddress = \"127.0.0.1:0\"\n")]
    [InlineData("[[listener]]\naddress = \"127.0.0.1:0\"\n[admin]\naddress = \"ADDRESS\"\n")]
    public async Task An_address_in_use_is_named(string configuration)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = $"{taken.LocalEndpoint}";
        work.Write("postern.toml", configuration.Replace("ADDRESS", address, StringComparison.Ordinal));

        await using var postern = Start("serve");
        var (code, output, error) = await postern.EndAsync();

        Assert.Equal((1, ""), (code, output));
        Assert.Contains(address, error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_gateways_do_not_share_a_spool(bool lockFileIsRemoved)
    {
        await using var first = Start("serve");
        await first.LineAsync("ready");
        if (lockFileIsRemoved) File.Delete(work.PathOf("data/spool/store/LOCK"));

        await using var second = Start("serve");
        var (code, _, error) = await second.EndAsync();

        Assert.Equal(1, code);
        var holder = lockFileIsRemoved ? "another process" : "a gateway";
        Assert.Equal($"postern: {holder} (process {first.Id}) has the spool in {work.PathOf("data/spool")} open; "
            + "stop it first\n", error);
    }

    [Fact]
    public async Task The_demo_shows_the_scenario_of_the_original_document()
    {
        await using var postern = ChildProcess.Start(work.PathOf("."), "demo");
        var (code, output, error) = await postern.EndAsync();

        Assert.Equal((0, ""), (code, error));
        Assert.Matches(@"Connection Error: DCID 1 domain: example\.com IP: 127\.0\.0\.10 port: \d+ details: "
            + @"431-\?example\.com ESMTP\\nMail system full interface: 127\.0\.0\.1 "
            + @"reason: unexpected SMTP response\n", output);
        Assert.Matches(@"New SMTP DCID 2 interface 127\.0\.0\.1 address 127\.0\.0\.20 port \d+\n", output);
        Assert.Matches(@"127\.0\.0\.10:\d+ +1 +1 +0\n", output);
        Assert.Matches(@"127\.0\.0\.20:\d+ +1 +0 +1\n", output);
    }

    private ChildProcess Start(string command) =>
        ChildProcess.Start(work.PathOf("."), command, "--config", work.ConfigurationFile);

    private static async Task AnsweredAsync(SmtpLines lines, string code, string? command)
    {
        if (command is not null) await lines.WriteAsync(default, command);
        Assert.StartsWith(code, await lines.ReadAsync(default), StringComparison.Ordinal);
    }
}
