using Microsoft.AspNetCore.Components;

namespace Postern.Admin.Pages.Credentials;

/// <summary>Shows a secret that was just made.</summary>
public partial class SecretOnce
{
    /// <summary>What it is, and of whom.</summary>
    [Parameter, EditorRequired] public string Title { get; set; } = "";

    /// <summary>The secret.</summary>
    [Parameter, EditorRequired] public string Secret { get; set; } = "";
}
