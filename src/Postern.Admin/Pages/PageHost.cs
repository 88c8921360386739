using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using MudBlazor.Services;
using Postern.Admin.Access;
using Postern.Admin.Monitoring;
using Postern.Admin.Pages.Routes;
using Postern.Admin.Pages.Shell;
using Postern.Reporting;

namespace Postern.Admin.Pages;

/// <summary>Puts the pages into the admin web host.</summary>
internal static class PageHost
{
    /// <summary>Where the script of a page connects to.</summary>
    public const string ConnectionPath = "/_blazor";

    /// <summary>The cookie of the language that somebody has chosen.</summary>
    public const string LanguageCookie = "postern-language";

    /// <summary>The languages of the pages; the first is that of everybody whose own is none of them.</summary>
    public static readonly IReadOnlyList<string> Languages = ["en", "de"];

    /// <summary>Pages whose connection was lost are kept so long, for a browser that comes back.</summary>
    private static readonly TimeSpan kept = TimeSpan.FromMinutes(3);

    private const int MostKept = 20;

    /// <summary>What the pages are made with.</summary>
    /// <param name="services">Of the host.</param>
    /// <param name="parts">What they talk to.</param>
    /// <param name="port">Of the admin address.</param>
    public static void Add(IServiceCollection services, AdminParts parts, int port)
    {
        services.AddSingleton(parts);
        services.AddSingleton(new Sessions(parts.Accounts, parts.Time));
        services.AddSingleton(new SessionCookie(port));
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning)
            .AddProvider(new FaultLog(parts.Tell, parts.Time)));
        // Sessions end with the process, and so may the keys of what is signed for them.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = $"postern-antiforgery-{port}";
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.SuppressXFrameOptionsHeader = true;
        });
        services.AddLocalization();
        services.AddRazorComponents().AddInteractiveServerComponents(options =>
        {
            options.DisconnectedCircuitRetentionPeriod = kept;
            options.DisconnectedCircuitMaxRetained = MostKept;
        });
        services.TryAddEnumerable(ServiceDescriptor.Scoped<CircuitHandler, SessionCircuit>());
        services.AddScoped<Viewer>();
        // For what stands on a page, which is drawn when the zone of the viewer is known.
        services.AddScoped(provider => new SeenTimes(
            parts.Time.LocalTimeZone, provider.GetRequiredService<Viewer>().Zone));
        services.AddScoped<PageActions>();
        services.AddScoped<MailActions>();
        services.AddScoped<PlanActions>();
        services.AddSingleton<RouteListings>();
        services.AddSingleton<LargeBodies>();
        services.AddSingleton<FlowLook>();
        // A popover that was closed leaves the page a little later, by a clock of each page that is open: seldom.
        services.AddMudServices(options => options.PopoverOptions.QueueDelay = TimeSpan.FromSeconds(5));
    }

    /// <summary>Serves them.</summary>
    public static void Map(WebApplication application, AdminParts parts)
    {
        var sessions = application.Services.GetRequiredService<Sessions>();
        PageAssets.Map(application);
        new Downloads(parts).Map(application);
        var cookie = application.Services.GetRequiredService<SessionCookie>();
        new LoginPages(parts, sessions, cookie).Map(application);
        new TwoStepPages(parts, sessions, cookie).Map(application);
        // What may frame a page says the content policy of all answers.
        application.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null)
            .DisableAntiforgery();
    }

    /// <summary>The language of an answer: what was chosen, or else what the browser asks for.</summary>
    public static RequestLocalizationOptions Localization()
    {
        List<CultureInfo> cultures = [.. Languages.Select(language => new CultureInfo(language))];
        return new RequestLocalizationOptions
        {
            DefaultRequestCulture = new RequestCulture(cultures[0]),
            SupportedCultures = cultures,
            SupportedUICultures = cultures,
            RequestCultureProviders =
            [
                new CookieRequestCultureProvider { CookieName = LanguageCookie },
                new CustomRequestCultureProvider(context => Task.FromResult(AskedFor(context))),
            ],
        };
    }

    // By the first part of a tag (RFC 4647 §3.4): cultures have no data here that would know their parents.
    private static ProviderCultureResult? AskedFor(HttpContext context) => context.Request.GetTypedHeaders()
        .AcceptLanguage.OrderByDescending(asked => asked.Quality ?? 1)
        .Select(asked => asked.Value.Value?.Split('-')[0].ToLowerInvariant())
        .FirstOrDefault(first => first is not null && Languages.Contains(first)) is { } language
            ? new ProviderCultureResult(language) : null;
}
