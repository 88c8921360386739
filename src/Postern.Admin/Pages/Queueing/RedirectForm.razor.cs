using Microsoft.AspNetCore.Components;
using Postern.Admin.Pages.Parts;
using Postern.Routing;

namespace Postern.Admin.Pages.Queueing;

/// <summary>Asks where mail is to go in place of its route.</summary>
public partial class RedirectForm
{
    private string _to = "";
    private string? _refusal;

    /// <summary>The hosts are right.</summary>
    [Parameter, EditorRequired] public EventCallback<SmtpRoute> OnRedirect { get; set; }

    [Inject] private AdminParts Parts { get; set; } = null!;

    private Task RedirectAsync()
    {
        var target = RedirectRoute.Read(_to, Parts.Profiles(), out var error);
        _refusal = error is null ? null : T.Say(error);
        return target is null ? Task.CompletedTask : OnRedirect.InvokeAsync(target);
    }
}
