using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Postern.Admin.Pages.Parts;

/// <summary>Asks before something is done that cannot be taken back; its title is the question.</summary>
public partial class QuestionDialog
{
    /// <summary>What follows.</summary>
    [Parameter, EditorRequired] public string Consequence { get; set; } = "";

    /// <summary>What is done, on the button that does it.</summary>
    [Parameter, EditorRequired] public string Verb { get; set; } = "";

    [CascadingParameter] private IMudDialogInstance Dialog { get; set; } = null!;
}
