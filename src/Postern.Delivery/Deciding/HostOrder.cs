namespace Postern.Delivery.Deciding;

/// <summary>A host at its place in the order.</summary>
/// <param name="Entry">The entry of the plan.</param>
/// <param name="Target">The address; null: its name is looked up first.</param>
/// <param name="Probe">The message would probe it.</param>
public readonly record struct OrderStep(PlanEntry Entry, HostHealth? Target, bool Probe);

/// <summary>
/// The hosts in the order in which a message would try them now, when each fails: found by calling
/// <see cref="HostChoice"/> again and again, as the scheduler does, so that there is no second copy of its rules. The
/// turns that are counted on the way are put back: to ask changes nothing. For the scheduler's thread only.
/// </summary>
public sealed class HostOrder
{
    private readonly HostChoice _choice = new();

    /// <summary>The steps.</summary>
    public List<OrderStep> Steps { get; } = [];
    /// <summary>How it ends: the mail waits for a busy host, or every host was tried or is left out.</summary>
    public ChoiceKind End { get; private set; }
    /// <summary>Hosts of higher priority numbers are not used before; null: there is no such time.</summary>
    public DateTimeOffset? HeldUntil { get; private set; }
    /// <summary>The busy hosts that the mail would wait for.</summary>
    public IReadOnlyList<HostHealth> Busy => _choice.Busy;

    /// <summary>Finds the order for a message.</summary>
    public static HostOrder Of(RoutePlan plan, IChoiceSubject subject, DateTimeOffset now)
    {
        var order = new HostOrder();
        var balances = plan.Entries.Select(e => (Entry: e, e.Balance)).ToList();
        var asked = new Asked(subject);
        while (true)
        {
            var choice = order._choice.Choose(plan, asked, now);
            (order.End, order.HeldUntil) = (choice.Kind, choice.HeldUntil);
            if (choice.Kind != ChoiceKind.Take) break;
            order.Steps.Add(new(choice.Entry!, choice.Target, choice.Probe));
            // Each step marks a host that was not marked, so that the loop ends with the hosts of the plan.
            asked.Tried.Add(choice.Target ?? choice.Entry!.NameHealth!);
        }
        foreach (var (entry, balance) in balances) entry.Balance = balance;
        return order;
    }

    private sealed class Asked(IChoiceSubject subject) : IChoiceSubject
    {
        public HashSet<HostHealth> Tried { get; } = [];
        public HostKey? FirstHost => subject.FirstHost;
        public string? FirstEntry => subject.FirstEntry;
        public bool WaitsForFirst => subject.WaitsForFirst;
        public Access AccessTo(PlanEntry entry, HostHealth host) => subject.AccessTo(entry, host);
        public bool WasTried(HostHealth host) => Tried.Contains(host) || subject.WasTried(host);
        public bool HasRoom(HostHealth host, Access access) => subject.HasRoom(host, access);
    }
}
