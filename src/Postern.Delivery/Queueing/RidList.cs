using Postern.Mail;

namespace Postern.Delivery.Queueing;

/// <summary>The RIDs of jobs. Most jobs have one recipient: the lists of one are shared.</summary>
internal static class RidList
{
    private const int Shared = 1000;
    private static readonly Rid[][] single = [.. Enumerable.Range(0, Shared).Select(rid => new[] { new Rid(rid) })];

    /// <summary>The RIDs of recipients, in their order.</summary>
    public static Rid[] Of(IReadOnlyList<EnvelopeRecipient> recipients)
    {
        if (recipients is [{ Rid.Value: >= 0 and < Shared } only]) return single[only.Rid.Value];
        var rids = new Rid[recipients.Count];
        for (var i = 0; i < rids.Length; i++) rids[i] = recipients[i].Rid;
        return rids;
    }
}
