using Microsoft.Extensions.Localization;
using Postern.Delivery.Reports;

namespace Postern.Admin.Pages.Parts;

/// <summary>Why mail waits, and why a host is passed over, in the language of the page.</summary>
internal static class Reasons
{
    /// <summary>What the next attempt waits for.</summary>
    public static string Why(this IStringLocalizer<Words> words, NextStep next) => next.Kind switch
    {
        NextKind.Nothing => words["nothing waits for this domain"],
        NextKind.LookingUp => words["{0} is being looked up", next.What],
        NextKind.OnConnection => words["on DCID {0} to {1}", next.Dcid, next.What],
        NextKind.OnItsWay => words["on its way to a connection"],
        NextKind.Settling => words["its last outcome is being made durable"],
        NextKind.NotHandedOut => words["nothing is handed out: the store is closed, or the gateway stops"],
        NextKind.Suspended => words["delivery is suspended: once it is resumed"],
        NextKind.ConnectionLimit => words["max_connections of the destination control are in use"],
        NextKind.RecipientLimit => words["recipient_limit of the destination control is used up until then"],
        NextKind.HostBusy => words["waits for a connection to {0}", next.What],
        NextKind.AtOnce => words["at once, after the older mail of the domain"],
        NextKind.DevNull => words["its route is /dev/null: held until deleted or redirected; it expires then"],
        NextKind.Expiry => words["it expires then"],
        NextKind.Probe => words["for want of a host: one may be probed then; at once when one is back"],
        NextKind.HostWait => words["for want of a host: its wait is over then; at once when a host is back"],
        NextKind.Pace => words["a report to a domain that has had max_bounces_per_hour: its turn comes then"],
        NextKind.Content => words["its content could not be read from the spool: it is looked at again then"],
        NextKind.Uncertain => words["no reply after the final dot: first again at {0}", next.What],
        _ => words["a host answered 4xx to the mail itself: the wait of its bounce profile is over then"],
    };

    /// <summary>Why a host stands where it stands; null: there is nothing to say. What it said itself is as it said it.
    /// </summary>
    public static string? Why(this IStringLocalizer<Words> words, HostStep step) => step.Reason switch
    {
        StepReason.WouldProbe => words["this message would probe it"],
        StepReason.LookedUpFirst => words["its name is looked up first"],
        StepReason.TriedInRound => words["tried in this round"],
        StepReason.Busy => words["busy: the mail waits for it"],
        StepReason.BehindBusy => words["not before those that are busy"],
        StepReason.EnoughBefore => words["enough addresses come before"],
        StepReason.DrainedByHand => words["by hand"],
        StepReason.DrainedUnderName => words["by hand, under its name"],
        StepReason.UntilReply => words["until it replies"],
        StepReason.UntilProbed => words["until the message that probes it has its outcome"],
        StepReason.Failed when step.Failures == 1 => words["1 failure since it last took a message: {0}",
            step.LastError ?? ""],
        StepReason.Failed => words["{0} failures since it last took a message, last: {1}", step.Failures,
            step.LastError ?? ""],
        StepReason.LeftOut => step.LastError,
        _ => null,
    };
}
