using System.Net;
using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Scheduling;
using Postern.Mail;

namespace Postern.Delivery.Tests.Simulation;

/// <summary>The world of a scheduler whose mail is all held: nothing is due, so that nothing is asked for.</summary>
internal sealed class IdleWorld : IDeliveryActions
{
    public bool IsBehind => false;
    public Dcid NextDcid() => default;
    public void Open(DeliveryConnection connection) => throw new InvalidOperationException("nothing is due");
    public void Transmit(DeliveryConnection connection, DeliveryJob job) => Open(connection);
    public bool HasEnded(DeliveryConnection idle) => false;
    public void Close(DeliveryConnection connection) => Open(connection);
    public void Commit(Settlement settlement) => Open(null!);
    public void Resolve(PlanEntry entry) => Open(null!);
    public void Resolve(DomainQueue queue, RoutePlan plan) => Open(null!);
    public bool MayDeliverTo(IPAddress address) => true;
    public StoredRead Read(Mid mid, IReadOnlyCollection<Rid> rids) => default;
    public void Publish(MailEvent mailEvent) => Open(null!);
}
