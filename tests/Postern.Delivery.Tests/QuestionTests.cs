using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>Those who list and change the queue ask between two bursts of mail, one question at a time.</summary>
public sealed class QuestionTests : IAsyncDisposable, IMailEventSink
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-question-").FullName;

    [Fact]
    public async Task What_comes_while_one_question_is_answered_is_done_before_the_next()
    {
        await using var spool = MailSpool.Open(new SpoolOptions(_folder), TimeProvider.System);
        await using var engine = Engine(spool);
        engine.Start();
        await engine.Recovered;
        using var begun = new ManualResetEventSlim();
        using var end = new ManualResetEventSlim();

        var first = engine.AskAsync(_ =>
        {
            begun.Set();
            return end.Wait(Patience);
        });
        Assert.True(begun.Wait(Patience));
        var second = engine.AskAsync(HostOf);
        var third = engine.AskAsync(HostOf);
        engine.UseRoutes(SimWorld.Table("ALL 127.0.0.1:10\n"));
        end.Set();

        Assert.True(await first);
        Assert.Equal("127.0.0.1:10", await second);
        Assert.Equal("127.0.0.1:10", await third);
        await engine.StopAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_question_is_answered_behind_all_that_was_said_before_it()
    {
        await using var spool = MailSpool.Open(new SpoolOptions(_folder), TimeProvider.System);
        await using var engine = Engine(spool);
        engine.Start();
        for (var port = 1; port <= 1000; port++) engine.UseRoutes(SimWorld.Table($"ALL 127.0.0.1:{port}\n"));
        Assert.Equal("127.0.0.1:1000", await engine.AskAsync(HostOf));

        // What was asked is answered, also when the engine stops.
        var last = engine.AskAsync(HostOf);
        await engine.StopAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("127.0.0.1:1000", await last);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.AskAsync(HostOf));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    void IMailEventSink.Publish(MailEvent mailEvent)
    {
    }

    private static string HostOf(Scheduling.DeliveryScheduler scheduler)
    {
        var step = scheduler.Explainer.Explain(Mailbox.Parse("x@a.example"), null).Hosts.Single();
        return $"{step.Address}:{step.Port}";
    }

    private DeliveryEngine Engine(MailSpool spool) => new(
        new DeliveryOptions { HostName = "gw.example" }, SimWorld.Table("ALL 127.0.0.1:9\n"), spool, new NoDns(), this,
        TimeProvider.System, new Random(1));
}
