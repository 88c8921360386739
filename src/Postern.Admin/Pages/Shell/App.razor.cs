using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;

namespace Postern.Admin.Pages.Shell;

/// <summary>The document that every page lives in.</summary>
public partial class App
{
    // Nothing is drawn before the connection is there: a button that does nothing yet is worse than none.
    private static readonly InteractiveServerRenderMode Mode = new(prerender: false);

    [Inject] private AdminParts Parts { get; set; } = null!;

    [Inject] private IAntiforgery Antiforgery { get; set; } = null!;

    [CascadingParameter] private HttpContext Context { get; set; } = null!;

    private string? Theme => Context.Request.Cookies[MainLayout.ThemeCookie];

    private string? Token { get; set; }

    /// <inheritdoc/>
    protected override void OnInitialized() => Token = Antiforgery.GetAndStoreTokens(Context).RequestToken;
}
