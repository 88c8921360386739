using Microsoft.Extensions.Localization;
using Postern.Delivery.Reports;

namespace Postern.Admin.Pages.Parts;

/// <summary>
/// Why mail waits, and why a host is passed over, in the language of the page: the words of the API where nothing is
/// put into them.
/// </summary>
internal static class Reasons
{
    /// <summary>What the next attempt waits for.</summary>
    public static string Why(this IStringLocalizer<Words> words, NextStep next) => next.Kind switch
    {
        NextKind.LookingUp => words["{0} is being looked up", next.What],
        NextKind.OnConnection => words["on DCID {0} to {1}", next.Dcid, next.What],
        NextKind.HostBusy => words["waits for a connection to {0}", next.What],
        NextKind.Uncertain => words["no reply after the final dot: first again at {0}", next.What],
        _ => words[next.Why],
    };

    /// <summary>Why a host stands where it stands; null: there is nothing to say. What it said itself is as it said it.
    /// </summary>
    public static string? Why(this IStringLocalizer<Words> words, HostStep step) => step.Reason switch
    {
        StepReason.Failed when step.Failures == 1 => words["1 failure since it last took a message: {0}",
            step.LastError ?? ""],
        StepReason.Failed => words["{0} failures since it last took a message, last: {1}", step.Failures,
            step.LastError ?? ""],
        StepReason.LeftOut => step.LastError,
        // Its time is shown beside, in the zone of the viewer.
        StepReason.HeldForProbe => null,
        _ => step.Note is { } note ? words[note].Value : null,
    };
}
