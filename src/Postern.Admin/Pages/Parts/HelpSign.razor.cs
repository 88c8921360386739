using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Postern.Admin.Pages.Parts;

/// <summary>A sign beside a field that shows what the field is for.</summary>
public partial class HelpSign
{
    private bool _isShown;

    /// <summary>The name of the field.</summary>
    [Parameter, EditorRequired] public string Subject { get; set; } = "";

    /// <summary>What it is for.</summary>
    [Parameter, EditorRequired] public string Text { get; set; } = "";

    private void CloseByKey(KeyboardEventArgs key)
    {
        if (key.Key == "Escape") _isShown = false;
    }
}
