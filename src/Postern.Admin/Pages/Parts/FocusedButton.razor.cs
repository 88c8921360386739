using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;

namespace Postern.Admin.Pages.Parts;

/// <summary>A button that has the focus as soon as it is there.</summary>
public partial class FocusedButton
{
    private MudButton _button = null!;

    /// <summary>What stands on it.</summary>
    [Parameter, EditorRequired] public string Text { get; set; } = "";

    /// <summary>It was pressed.</summary>
    [Parameter] public EventCallback<MouseEventArgs> OnClick { get; set; }

    // What surrounds it is drawn before it, so that it asks for the focus when it can have it.
    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender) await _button.FocusAsync();
    }
}
