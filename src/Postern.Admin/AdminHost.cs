using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Postern.Admin.Access;
using Postern.Admin.Monitoring;
using Postern.Admin.Pages;

namespace Postern.Admin;

/// <summary>
/// The admin web host. Owned by the program, which starts it after the gateway's own parts and stops it before them.
/// </summary>
public sealed class AdminHost : IAsyncDisposable
{
    /// <summary>A request to this host is small; a larger one is refused with 413 (hardening §4.3).</summary>
    private const long MaxRequestBody = 1_000_000;

    /// <summary>More connections than people and monitors have; the next ones are closed.</summary>
    private const int MaxConnections = 200;

    private static readonly TimeSpan stopBound = TimeSpan.FromSeconds(2);

    private readonly WebApplication application;

    private AdminHost(WebApplication application, Uri address) => (this.application, Address) = (application, address);

    /// <summary>Where it really listens, with the port that port 0 became.</summary>
    public Uri Address { get; }

    /// <summary>Binds the address and serves from then on.</summary>
    /// <param name="address">Where to listen; port 0: any free one.</param>
    /// <param name="parts">What it talks to.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="IOException">The address cannot be bound; the message names it.</exception>
    public static async Task<AdminHost> StartAsync(
        IPEndPoint address, AdminParts parts, CancellationToken cancellationToken)
    {
        // The empty builder reads no appsettings.json, no environment and no command line: postern.toml alone decides.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBody;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Listen(address, listen => Speak(listen, parts.Certificate));
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddProblemDetails();
        ApiDescription.Add(builder.Services);
        // Signals belong to the program, not to this host.
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = stopBound);
        PageHost.Add(builder.Services, parts, address.Port);
        var application = builder.Build();
        application.Use(SecurityHeaders.SetAsync);
        application.UseRequestLocalization(PageHost.Localization());
        application.Use(Gate(application.Services, parts).PassAsync);
        var api = new Api(parts, application.Services.GetRequiredService<RouteListings>(),
            application.Services.GetRequiredService<LargeBodies>());
        api.Map(application);
        new MonitorPages(parts).Map(application);
        PageHost.Map(application, parts);
        // The pattern says what the default one leaves out: names with a dot.
        application.MapFallback("{**path}", api.NotFound);
        try
        {
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        var server = application.Services.GetRequiredService<IServer>();
        var bound = server.Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new AdminHost(application, new Uri(bound));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await application.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await application.DisposeAsync().ConfigureAwait(false);
    }

    private static void Speak(ListenOptions listen, Func<AdminCertificate>? certificate)
    {
        // The same protocol with TLS and without.
        listen.Protocols = HttpProtocols.Http1;
        if (certificate is null) return;
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate().Context,
                EnabledSslProtocols = AdminCertificate.Protocols,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                AllowRenegotiation = false,
            }),
        });
    }

    private static AdminGate Gate(IServiceProvider services, AdminParts parts) => new(
        parts.Token, parts.Tokens, services.GetRequiredService<Sessions>(),
        services.GetRequiredService<SessionCookie>(),
        new MonitorGate(parts.Logins, parts.Monitoring.MetricsFrom, parts.Totp),
        services.GetRequiredService<IAntiforgery>(), parts.Totp);

    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
