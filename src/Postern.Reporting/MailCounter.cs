namespace Postern.Reporting;

/// <summary>The counters of <see cref="MailCounters"/>.</summary>
public enum MailCounter
{
    /// <summary>Messages that were accepted from clients and are durable.</summary>
    InjectedMessages,
    /// <summary>Recipients of those messages.</summary>
    InjectedRecipients,
    /// <summary>Recipients of bounces that the gateway made.</summary>
    GeneratedBounceRecipients,
    /// <summary>Recipients that were refused because neither the client nor the domain may relay.</summary>
    RejectedRecipients,
    /// <summary>Messages that were dropped; no part does that yet.</summary>
    DroppedMessages,
    /// <summary>4xx replies to a recipient; one recipient can have many.</summary>
    SoftBouncedEvents,
    /// <summary>Recipients that left the queue: delivered, hard bounced or deleted.</summary>
    CompletedRecipients,
    /// <summary>Recipients that failed for good; the five counters that follow are its parts.</summary>
    HardBouncedRecipients,
    /// <summary>No such domain, a null MX, or no address that mail may be sent to.</summary>
    DnsHardBouncedRecipients,
    /// <summary>A host answered 5xx.</summary>
    FiveXxHardBouncedRecipients,
    /// <summary>A filter bounced the message; no part does that yet.</summary>
    FilterHardBouncedRecipients,
    /// <summary>Waited for too long, or was tried too often.</summary>
    ExpiredHardBouncedRecipients,
    /// <summary>Bounced by an administrator, or for want of an extension at every host.</summary>
    OtherHardBouncedRecipients,
    /// <summary>Recipients a host took, possible deliveries included.</summary>
    DeliveredRecipients,
    /// <summary>Recipients that were discarded or deleted.</summary>
    DeletedRecipients,
    /// <summary>Global unsubscribe, which Postern does not have; monitors want the name.</summary>
    GlobalUnsubscribeHits,
}

/// <summary>The names of the counters.</summary>
public static class MailCounterNames
{
    /// <summary>The name in <c>/xml/status</c>.</summary>
    public static string StatusName(this MailCounter counter) => counter switch
    {
        MailCounter.InjectedMessages => "inj_msgs",
        MailCounter.InjectedRecipients => "inj_recips",
        MailCounter.GeneratedBounceRecipients => "gen_bounce_recips",
        MailCounter.RejectedRecipients => "rejected_recips",
        MailCounter.DroppedMessages => "dropped_msgs",
        MailCounter.SoftBouncedEvents => "soft_bounced_evts",
        MailCounter.CompletedRecipients => "completed_recips",
        MailCounter.HardBouncedRecipients => "hard_bounced_recips",
        MailCounter.DnsHardBouncedRecipients => "dns_hard_bounced_recips",
        MailCounter.FiveXxHardBouncedRecipients => "5xx_hard_bounced_recips",
        MailCounter.FilterHardBouncedRecipients => "filter_hard_bounced_recips",
        MailCounter.ExpiredHardBouncedRecipients => "expired_hard_bounced_recips",
        MailCounter.OtherHardBouncedRecipients => "other_hard_bounced_recips",
        MailCounter.DeliveredRecipients => "delivered_recips",
        MailCounter.DeletedRecipients => "deleted_recips",
        MailCounter.GlobalUnsubscribeHits => "global_unsub_hits",
        _ => throw new ArgumentOutOfRangeException(nameof(counter)),
    };
}
