using System.Text.Json;
using Postern.Demo;
using Postern.Mail;
using Postern.Spool;
using Postern.Tests.Running;

namespace Postern.Tests.Commands;

/// <summary>The commands for the store, of a gateway that runs and of one that has stopped (contract §1).</summary>
public sealed class SpoolCommandTests : IDisposable
{
    private readonly WorkFolder work = new();

    public void Dispose() => work.Dispose();

    [Theory]
    [InlineData("verify")]
    [InlineData("stats")]
    [InlineData("export", "1")]
    [InlineData("repair", "--yes")]
    public async Task Without_a_spool_one_line_says_so_and_none_is_made(params string[] arguments)
    {
        var (code, output, error) = await work.RunAsync(["spool", .. arguments]);

        Assert.Equal((1, ""), (code, output));
        Assert.Equal($"postern: there is no spool in {work.PathOf("data/spool")}\n", error);
        Assert.False(Directory.Exists(work.PathOf("data")));
    }

    [Fact]
    public async Task Mail_that_waits_is_verified_counted_and_exported_octet_for_octet()
    {
        // Nobody listens there.
        work.Write("smtproutes", "example.com 127.0.0.1:1\n");
        await using (var running = await RunningGateway.StartAsync(work))
        {
            await DemoClient.SendAsync(running.Gateway.Listeners[0].Address, default);
            await running.LoggedAsync("MID 1 to RID [0] pending till");

            // A gateway that runs counts it and hands it out itself.
            Assert.Contains("recipients       1 held for want of a host\n", await DoneAsync("spool", "stats"),
                StringComparison.Ordinal);
            await DoneAsync("spool", "export", "1", work.PathOf("running.eml"));
            Assert.Equal((1, "", "postern: MID 7 is not in the spool\n"),
                await work.RunAsync("spool", "export", "7", work.PathOf("none.eml")));
            Assert.False(File.Exists(work.PathOf("none.eml")));
            Assert.Equal(1, (await work.RunAsync("spool", "export", "1", work.PathOf("running.eml"))).Code);
        }

        var verified = await DoneAsync("spool", "verify");
        Assert.StartsWith("1 messages with 1 recipients that wait, ", verified, StringComparison.Ordinal);
        Assert.EndsWith("\nevery record fits every other\n", verified, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(await DoneAsync("spool", "verify", "--json"));
        Assert.Equal((1, 0), (report.RootElement.GetProperty("messages").GetInt32(),
            report.RootElement.GetProperty("faultCount").GetInt32()));

        Assert.Contains("recipients       1 held for want of a host\n", await DoneAsync("spool", "stats"),
            StringComparison.Ordinal);
        using var stats = JsonDocument.Parse(await DoneAsync("spool", "stats", "--json"));
        Assert.Equal(1, stats.RootElement.GetProperty("recipients").GetProperty("forWantOfHost").GetInt32());

        await DoneAsync("spool", "export", "1", work.PathOf("message.eml"));
        // Who looks at mail is written down, with a gateway (by the API) and without.
        var audit = await DoneAsync("admin", "audit", "list");
        Assert.Contains("exportMessage", audit, StringComparison.Ordinal);
        Assert.Contains("spool export 1", audit, StringComparison.Ordinal);
        var message = work.Read("message.eml");
        Assert.StartsWith("Received: from ", message, StringComparison.Ordinal);
        Assert.Contains("\r\nSubject: hello\r\n", message, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(work.PathOf("running.eml")), File.ReadAllBytes(work.PathOf("message.eml")));
        Assert.Equal(message.Length, report.RootElement.GetProperty("octets").GetInt32());
    }

    [Fact]
    public async Task A_gateway_that_runs_is_verified_while_mail_comes_in_and_names_what_is_damaged_as_without_it()
    {
        work.Write("smtproutes", "example.com 127.0.0.1:1\n");
        await DamageAsync(new Mid(1));
        (int Code, string Out, string Error) running;
        await using (var gateway = await RunningGateway.StartAsync(work))
        {
            var address = gateway.Gateway.Listeners[0].Address;
            await DemoClient.SendAsync(address, default);
            using var enough = new CancellationTokenSource();
            var sent = 0;
            var sending = Task.Run(async () =>
            {
                for (; !enough.IsCancellationRequested; sent++) await DemoClient.SendAsync(address, default);
            });
            for (var times = 0; times < 5; times++)
            {
                var (code, output, error) = await work.RunAsync("spool", "verify");
                Assert.Equal(1, code);
                // What comes in is in the view whole or not at all.
                Assert.Equal(Fault, Assert.Single(output.Split('\n')[1..], line => line.Length > 0));
                Assert.Equal(Failure, error);
            }
            await enough.CancelAsync();
            await sending;
            Assert.InRange(sent, 1, int.MaxValue);
            await gateway.LoggedAsync($"MID {sent + 2} to RID [0] pending till");
            running = await work.RunAsync("spool", "verify", "--json");
            Assert.Equal(sent + 2, JsonDocument.Parse(running.Out).RootElement.GetProperty("messages").GetInt32());
        }
        Assert.Equal(running, await work.RunAsync("spool", "verify", "--json"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_exported_message_is_for_its_owner_and_a_target_that_cannot_be_is_told_as_it_is(bool runs)
    {
        work.Write("smtproutes", "example.com 127.0.0.1:1\n");
        var running = await RunningGateway.StartAsync(work);
        await DemoClient.SendAsync(running.Gateway.Listeners[0].Address, default);
        await running.LoggedAsync("MID 1 to RID [0] pending till");
        if (!runs) await running.DisposeAsync();
        var target = work.PathOf("1.eml");

        await DoneAsync("spool", "export", "1", target);
        var there = await work.RunAsync("spool", "export", "1", target);
        var nowhere = await work.RunAsync("spool", "export", "1", work.PathOf("none/1.eml"));

        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(target));
        Assert.Equal((1, "", $"postern: The file '{target}' already exists.\n"), there);
        Assert.Equal((1, "", $"postern: Could not find a part of the path '{work.PathOf("none/1.eml")}'.\n"), nowhere);
        Assert.StartsWith("Received: ", File.ReadAllText(target), StringComparison.Ordinal);
        if (runs) await running.DisposeAsync();
    }

    [Fact]
    public async Task A_repair_asks_first_and_keeps_the_store_as_it_was()
    {
        await DamageAsync(new Mid(1));
        var (code, output, error) = await work.RunAsync("spool", "repair");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("Nothing was changed; --yes does it", error, StringComparison.Ordinal);
        Assert.Equal(["refused", "store"], Spool());

        // What is left of the message can be read, and not be sent.
        (code, output, error) = await work.RunAsync("spool", "repair", "--yes", "--json");
        Assert.Equal((1, Failure), (code, error));
        using var report = JsonDocument.Parse(output);
        var kept = report.RootElement.GetProperty("kept").GetString()!;
        Assert.Equal(["refused", "store", Path.GetFileName(kept)], Spool());
        Assert.Equal(1, report.RootElement.GetProperty("store").GetProperty("messages").GetInt32());
        Assert.Contains($"     - kept in {kept}", await DoneAsync("admin", "audit", "list"), StringComparison.Ordinal);
        Assert.Equal(Fault, (await work.RunAsync("spool", "verify")).Out.Split('\n')[1]);
    }

    [Fact]
    public async Task A_store_that_is_whole_is_left_alone_by_a_repair()
    {
        await using (await RunningGateway.StartAsync(work)) { }
        var said = await DoneAsync("spool", "repair", "--yes");
        Assert.Contains("\nNothing is damaged, and nothing was changed.\n", said, StringComparison.Ordinal);
        Assert.EndsWith("\nevery record fits every other\n", said, StringComparison.Ordinal);
        Assert.Equal(["refused", "store"], Spool());
    }

    private IEnumerable<string?> Spool() =>
        Directory.GetFileSystemEntries(work.PathOf("data/spool")).Select(Path.GetFileName).Order();

    private const string Fault =
        "MID 1: its size is 7, that of its body 5 octets; it is held: its content cannot be sent";

    private const string Failure =
        "postern: 1 faults, the first: MID 1: its size is 7, that of its body 5 octets\n";

    // Of a store without a gateway.
    private async Task DamageAsync(Mid mid)
    {
        Directory.CreateDirectory(work.PathOf("data"));
        await using var spool = MailSpool.Open(new SpoolOptions(work.PathOf("data/spool")), TimeProvider.System);
        Assert.Equal(mid, spool.NextMid());
        var recipient = new EnvelopeRecipient(new Rid(0), Mailbox.Parse("bob@example.com"));
        var change = new SpoolChange();
        change.Generated.Add((new StoredMessage(mid, new Icid(1), new Envelope(), TimeProvider.System.GetUtcNow())
        {
            Size = 7,
            Recipients = [new StoredRecipient(recipient, RecipientState.Fresh)],
        }, "\r\nx\r\n"u8.ToArray()));
        await spool.CommitAsync(change);
    }

    [Fact]
    public async Task An_export_overwrites_nothing_and_of_no_message_makes_no_file()
    {
        await using (await RunningGateway.StartAsync(work)) { }

        var (code, _, error) = await work.RunAsync("spool", "export", "7", work.PathOf("message.eml"));
        Assert.Equal((1, "postern: MID 7 is not in the spool\n"), (code, error));
        Assert.False(File.Exists(work.PathOf("message.eml")));
        Assert.Equal(2, (await work.RunAsync("spool", "export", "seven")).Code);
    }

    private async Task<string> DoneAsync(params string[] arguments)
    {
        var (code, output, error) = await work.RunAsync(arguments);
        Assert.Equal((0, ""), (code, error));
        return output;
    }
}
