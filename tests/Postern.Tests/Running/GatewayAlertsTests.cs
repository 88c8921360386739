using Microsoft.Extensions.Time.Testing;
using Postern.Admin.Alerts;
using Postern.Configuration;
using Postern.Delivery;
using Postern.Delivery.Acting;
using Postern.Mail;
using Postern.Mail.Notices;
using Postern.Reporting;
using Postern.Routing;
using Postern.Running;
using Postern.Spool;

namespace Postern.Tests.Running;

/// <summary>What is wrong with a gateway whose alerts wait in its own queue.</summary>
public sealed class GatewayAlertsTests : IAsyncLifetime
{
    private readonly WorkFolder work = new();
    private readonly FakeTimeProvider time = new(TimeProvider.System.GetUtcNow());
    private readonly MailCounters counters = new();
    private readonly RefusedFiles refused = new();
    private MailSpool spool = null!;
    private DeliveryEngine delivery = null!;
    private OwnMail own = null!;

    public ValueTask InitializeAsync()
    {
        spool = MailSpool.Open(new SpoolOptions(work.PathOf("spool")), TimeProvider.System);
        var drained = DrainList.Open(work.PathOf("drained"));
        var dns = new GatewayDns(TimeProvider.System, new Random(1));
        dns.Use("gw.example", new DnsSettings());
        delivery = new DeliveryEngine(new DeliveryOptions { HostName = "gw.example" },
            SmtpRoutesFile.Parse("ALL 127.0.0.1:1\n").Table!, spool, dns, counters,
            TimeProvider.System, new Random(1), drained);
        delivery.Start();
        own = new OwnMail(delivery, counters, time);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await delivery.StopAsync(TimeSpan.Zero);
        await delivery.DisposeAsync();
        await spool.DisposeAsync();
        work.Dispose();
    }

    [Fact]
    public async Task An_alert_that_waits_for_long_raises_none_and_other_mail_does()
    {
        await own.AddAlertAsync(Message);
        time.Advance(TimeSpan.FromHours(5));
        Assert.DoesNotContain(await LookAsync(), condition => condition.Kind == AlertKind.OldMessage);

        var other = await AcceptAsync();
        time.Advance(TimeSpan.FromHours(5));

        var old = Assert.Single(await LookAsync(), condition => condition.Kind == AlertKind.OldMessage);
        Assert.Equal($"the oldest message, MID {other.Mid}, waits for more than 240 minutes", old.Text);
        Assert.Equal((1, 0), (counters[MailCounter.GeneratedBounceRecipients], counters[MailCounter.InjectedMessages]));
    }

    [Fact]
    public async Task What_clients_are_refused_for_want_of_room_an_operator_is_told_until_nothing_is_written_any_more()
    {
        spool.UseThresholds(new SpaceThresholds { Soft = long.MaxValue / 2, Hard = 0 });
        Assert.False(spool.HasRoomFor(1));
        await own.AddAlertAsync(Message);
        Assert.Single(spool.ReadQueue());

        spool.UseThresholds(new SpaceThresholds { Soft = long.MaxValue / 2, Hard = long.MaxValue / 2 });
        await Assert.ThrowsAsync<SpoolFullException>(() => own.AddAlertAsync(Message));
        Assert.Single(spool.ReadQueue());
    }

    [Fact]
    public async Task A_host_that_is_left_out_is_told_with_its_reason_a_file_that_is_refused_with_its_place()
    {
        Assert.Empty(await LookAsync());
        await AcceptAsync();
        IReadOnlyList<AlertCondition> found = [];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (found.Count == 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
            found = await LookAsync();
        }
        var host = Assert.Single(found);
        Assert.Equal((AlertKind.HostLeftOut, "127.0.0.1:1"), (host.Kind, host.Subject));
        Assert.StartsWith("the host 127.0.0.1:1 is left out: ", host.Text, StringComparison.Ordinal);
        Assert.Contains("Connection refused", host.Text, StringComparison.Ordinal);

        ConfigurationError[] errors =
            [new("/etc/postern.toml", 3, 7, "it is wrong", "Right it."), new("/etc/postern.toml", 9, 1, "x", "Y.")];
        refused.Add("/etc/postern.toml", errors);
        var file = Assert.Single(await LookAsync(), condition => condition.Kind == AlertKind.ConfigurationRefused);
        Assert.Equal(("/etc/postern.toml", "/etc/postern.toml was changed and is not in force: "
            + "/etc/postern.toml:3:7: error: it is wrong. Right it (and 1 more; 'postern check' tells all)"),
            (file.Subject, file.Text));
        refused.Remove("/etc/postern.toml");
        Assert.DoesNotContain(await LookAsync(), condition => condition.Kind == AlertKind.ConfigurationRefused);
    }

    [Fact]
    public async Task A_host_that_no_route_names_any_more_is_nobodys_trouble()
    {
        await AcceptAsync();
        await UntilAsync("127.0.0.1:1");

        delivery.UseRoutes(SmtpRoutesFile.Parse("ALL 127.0.0.1:2\n").Table!);

        await UntilAsync("127.0.0.1:2");
    }

    // The one host that there is an alert of.
    private async Task UntilAsync(string host)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await LookAsync()).Where(c => c.Kind == AlertKind.HostLeftOut).Select(c => c.Subject)
            is var hosts && !hosts.SequenceEqual([host]))
        {
            Assert.False(limit.IsCancellationRequested, $"alerts of: {string.Join(' ', hosts)}");
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_store_that_is_closed_is_told()
    {
        await spool.DisposeAsync();

        Assert.Equal(AlertKind.SpoolClosed, Assert.Single(await LookAsync()).Kind);
    }

    private async Task<StoredMessage> AcceptAsync()
    {
        var message = new StoredMessage(spool.NextMid(), new Icid(1), new Envelope(), time.GetUtcNow())
        {
            Recipients = [new(new EnvelopeRecipient(new Rid(0), Mailbox.Parse("bob@example.com")),
                RecipientState.Fresh)],
        };
        await using (var writer = spool.BeginMessage(message.Mid)) await writer.CommitAsync(message);
        delivery.Accepted(message);
        return message;
    }

    private OwnMessage Message => new()
    {
        HostName = "gw.example",
        To = Mailbox.Parse("ops@ops.example"),
        Date = time.GetUtcNow(),
        Subject = "s",
        Paragraphs = ["p"],
    };

    private Task<IReadOnlyList<AlertCondition>> LookAsync()
    {
        var configuration = ConfigurationReader.Defaults(work.PathOf("."));
        return new GatewayAlerts(spool, delivery, own, refused, () => configuration, time).LookAsync();
    }
}
