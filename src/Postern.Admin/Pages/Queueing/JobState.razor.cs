using Microsoft.AspNetCore.Components;

namespace Postern.Admin.Pages.Queueing;

/// <summary>Says where mail of the queue is, and why it waits.</summary>
public partial class JobState
{
    /// <summary>As reports have it: ready, held, looking up, in delivery or settling.</summary>
    [Parameter, EditorRequired] public string State { get; set; } = "";

    /// <summary>As reports have it: mail, host, uncertain, content, pace or none.</summary>
    [Parameter] public string Reason { get; set; } = "none";

    private string StateText => State switch
    {
        "ready" => T["ready"],
        "held" => T["held"],
        "looking up" => T["looking up"],
        "in delivery" => T["in delivery"],
        "settling" => T["settling"],
        _ => State,
    };
}
