using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Localization;
using Microsoft.JSInterop;
using MudBlazor;
using Postern.Admin.Access;

namespace Postern.Admin.Pages.Shell;

/// <summary>What stands round every page: bar and menu.</summary>
public sealed partial class MainLayout : IDisposable
{
    /// <summary>The cookie of the colours that somebody has chosen: light or dark.</summary>
    public const string ThemeCookie = "postern-theme";

    private const string Dark = "dark", Light = "light";

    private MudThemeProvider _provider = null!;
    private ErrorBoundary? _boundary;
    private CancellationTokenRegistration _ended;
    private bool _isDark, _isOpen = true, _isLive, _hasBegun, _isLoggingOut;
    private ElementReference _content;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    [Inject] private NavigationManager Address { get; set; } = null!;

    [Inject] private Viewer Viewer { get; set; } = null!;

    [CascadingParameter] private PageRouter Shell { get; set; } = null!;

    /// <inheritdoc/>
    public void Dispose()
    {
        Address.LocationChanged -= Left;
        _ended.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _isDark = Shell.Theme == Dark;
        Address.LocationChanged += Left;
        await Viewer.BeginAsync();
        _ended = Viewer.Ended.Register(() => _ = InvokeAsync(LeadOut));
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_isLive && !_hasBegun)
        {
            // The page stands there now, later than whoever looks for its heading at the first drawing.
            _hasBegun = true;
            await Script.InvokeVoidAsync("postern.begin");
        }
        if (!firstRender) return;
        Viewer.Zone = ZoneOf(await Script.InvokeAsync<string>("postern.zone"));
        if (Shell.Theme is not (Dark or Light)) _isDark = await _provider.GetSystemDarkModeAsync();
        _isLive = true;
        StateHasChanged();
    }

    private static string NameOf(string language) => language == "de" ? "Deutsch" : "English";

    // A browser names its zone by the database that this machine may lack.
    private static TimeZoneInfo ZoneOf(string name) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;

    private async Task SwitchThemeAsync()
    {
        _isDark = !_isDark;
        await Script.InvokeVoidAsync("postern.remember", ThemeCookie, _isDark ? Dark : Light);
    }

    private async Task SpeakAsync(string language)
    {
        var value = CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(language));
        await Script.InvokeVoidAsync("postern.remember", PageHost.LanguageCookie, value);
        Address.NavigateTo(Address.Uri, forceLoad: true);
    }

    private void LeadOut()
    {
        // The form that logs out leads on by itself, and takes the cookie back if nothing cuts it short.
        if (_isLoggingOut) return;
        // Who has logged out in another window does not want to go on here.
        Address.NavigateTo(Viewer.End == SessionEnd.None ? LoginPages.LoginPath
            : LoginPages.AddressFor(new Uri(Address.Uri).PathAndQuery, Viewer.End), forceLoad: true);
    }

    private Task LogOutAsync()
    {
        _isLoggingOut = true;
        return Script.InvokeVoidAsync("postern.submit", "logout").AsTask();
    }

    private void Left(object? sender, LocationChangedEventArgs e)
    {
        Viewer.Touch();
        _boundary?.Recover();
    }
}
