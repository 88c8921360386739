using BenchmarkDotNet.Attributes;
using Postern.Delivery;
using Postern.Delivery.Reports;
using Postern.Delivery.Scheduling;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Routing;
using Postern.Spool;

namespace Parts;

/// <summary>
/// What pages ask the scheduler, on whose thread mail waits meanwhile, with mail held for 100,000 receiving domains.
/// </summary>
[MemoryDiagnoser]
public class DeliveryBench
{
    private const int Domains = 100_000, Rows = 25, FlowRoutes = 12;

    private DeliveryScheduler _scheduler = null!;
    private FlowSurvey? _flow;
    private DestinationSurvey? _survey;
    private IReadOnlyList<DestinationStanding> _rows = [];

    /// <summary>Each domain has a route of its own, to a host of its own; or all go by one.</summary>
    [Params(false, true)]
    public bool RouteEach { get; set; }

    [GlobalSetup]
    public void Load()
    {
        var load = SmtpRoutesFile.Parse(RouteEach
            ? RoutesText.Of(i => $"{RoutesText.Name(i)} {RoutesText.V4(i)}", Domains)
            : RoutesText.Of(_ => "ALL 10.0.0.1", 1));
        _scheduler = new DeliveryScheduler(
            new DeliveryOptions { HostName = "gw.example" },
            load.Table ?? throw new InvalidOperationException(load.Errors[0].ToString()),
            new IdleWorld(), TimeProvider.System, new Random(1));
        for (var i = 0; i < Domains; i++) _scheduler.Load(Message(i));
        _rows = _scheduler.Overview.Survey().All();
    }

    /// <summary>At most once a second, whatever the number of open pages; mail has its turn in between.</summary>
    [Benchmark]
    public FlowReport MailFlow()
    {
        var survey = _scheduler.Flow.Begin(FlowRoutes);
        while (true) if (survey.Go() is { } flow) return flow;
    }

    /// <summary>What mail waits for of it at a time.</summary>
    [Benchmark]
    public FlowSurvey MailFlowPart()
    {
        var survey = _flow ?? _scheduler.Flow.Begin(FlowRoutes);
        _flow = survey.Go() is null ? survey : null;
        return survey;
    }

    /// <summary>Every five seconds for each open page: how it begins, on the thread on which mail waits.</summary>
    [Benchmark]
    public DestinationSurvey DeliveryStatusBegin() => _scheduler.Overview.Survey();

    /// <summary>What mail waits for of it at a time.</summary>
    [Benchmark]
    public IReadOnlyList<DestinationStanding> DeliveryStatusPart()
    {
        _survey ??= _scheduler.Overview.Survey();
        var rows = _survey.Go();
        if (rows.Count == 0) _survey = null;
        return rows;
    }

    /// <summary>The rest of it, beside mail.</summary>
    [Benchmark]
    public IReadOnlyList<DestinationStanding> DeliveryStatusInOrder() =>
        new DestinationQuery { Take = Rows }.Choose(DestinationStanding.SumOf(_rows)).Wanted;

    /// <summary>Every two seconds for each open System Status.</summary>
    [Benchmark]
    public DeliveryGauges Totals() => _scheduler.Overview.Gauges();

    private static StoredMessage Message(int number)
    {
        var now = TimeProvider.System.GetUtcNow();
        var held = new RecipientState { Rounds = 1, Reason = WaitReason.Mail, Due = now + TimeSpan.FromDays(1) };
        var to = new EnvelopeRecipient(new Rid(0), Mailbox.Parse($"bob@{RoutesText.Name(number)}"));
        return new(new Mid(number + 1), new Icid(1), new Envelope { ReversePath = Mailbox.Parse("a@src.example") }, now)
        {
            Recipients = [new StoredRecipient(to, held)],
        };
    }
}
