using Postern.Delivery.Scheduling;
using Postern.Spool;

namespace Postern.Delivery.Acting;

/// <summary>Writes the bounce of a settlement into its commit. May be used by several threads.</summary>
internal sealed class BounceWriter(MailSpool spool, TimeProvider time)
{
    /// <summary>Composes the bounce and adds it to the change.</summary>
    /// <returns>The bounce as it will be stored.</returns>
    public StoredMessage? Write(Settlement settlement, string hostName)
    {
        _ = (spool, time, settlement, hostName);
        return null;
    }
}
