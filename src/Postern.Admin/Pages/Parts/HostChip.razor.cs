using Microsoft.AspNetCore.Components;
using Postern.Delivery.Reports;
using Postern.Mail;

namespace Postern.Admin.Pages.Parts;

/// <summary>Shows a destination host with its health.</summary>
public partial class HostChip
{
    /// <summary>The host as it is written.</summary>
    [Parameter, EditorRequired] public string Text { get; set; } = "";

    /// <summary>What is known of it; null: no mail was led to it since the start.</summary>
    [Parameter] public HostReport? Report { get; set; }

    /// <summary>A state in the words of the pages.</summary>
    public static string Word(HostState state, bool isUntried = false) => state switch
    {
        _ when isUntried => "not tried yet",
        HostState.Up => "up",
        HostState.Suspect => "suspect",
        HostState.LeftOut => "left out",
        HostState.Probing => "being probed",
        HostState.Returning => "returning",
        HostState.Silent => "silent",
        _ => "drained",
    };

    /// <summary>How a state is coloured.</summary>
    public static string ClassOf(HostState? state, bool isUntried = false) => state switch
    {
        _ when isUntried || state is null => "unknown",
        HostState.Up => "good",
        HostState.Suspect or HostState.Returning or HostState.Probing => "fair",
        HostState.Drained => "drained",
        _ => "bad",
    };

    /// <summary>A sign that tells states apart without their colours.</summary>
    public static string SignOf(HostState state, bool isUntried = false) => state switch
    {
        _ when isUntried => "○",
        HostState.Up => "●",
        HostState.Suspect or HostState.Returning or HostState.Probing => "◐",
        HostState.Drained => "◌",
        _ => "✕",
    };

    private HostState? State => Report?.State;

    private bool IsUntried => Report is { IsUntried: true };

    private string Title => Report switch
    {
        null => T["No mail was led to it since the start."],
        { State: HostState.Up, LastReply: { } reply } => PeerText.Escape(reply),
        { LastError: { } error } => PeerText.Escape(error),
        var report => T[Word(report.State, report.IsUntried)],
    };
}
