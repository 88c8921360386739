using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
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

    /// <summary>
    /// Of these, so many are of clients elsewhere: commands of this machine get through whatever comes from there.
    /// </summary>
    private const int MaxForeignConnections = 150;

    /// <summary>And so many of one address elsewhere.</summary>
    private const int MaxOfAddress = 50;

    /// <summary>A connection on which no request is under way is closed after so long; browsers open another one.
    /// </summary>
    private static readonly TimeSpan keepAlive = TimeSpan.FromSeconds(20);

    /// <summary>A request has all of its fields within so long.</summary>
    private static readonly TimeSpan headersBound = TimeSpan.FromSeconds(10);

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
            kestrel.Limits.KeepAliveTimeout = keepAlive;
            kestrel.Limits.RequestHeadersTimeout = headersBound;
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
        application.Use(HeadAsGet);
        application.UseRouting();
        application.Use(SecurityHeaders.SetAsync);
        application.UseRequestLocalization(PageHost.Localization());
        application.Use(Gate(application.Services, parts).PassAsync);
        new Api(parts, application.Services.GetRequiredService<RouteListings>(),
            application.Services.GetRequiredService<LargeBodies>()).Map(application);
        new MonitorPages(parts).Map(application);
        PageHost.Map(application, parts);
        // The pattern says what the default one leaves out: names with a dot.
        application.MapFallback("{**path}", Api.NotFound);
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

    /// <summary>
    /// Work that is under way ends at its next part and says how far it came; questions are answered.
    /// </summary>
    public void BeginStop() => application.Lifetime.StopApplication();

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
        var bounds = new ConnectionBounds(MaxForeignConnections, MaxOfAddress);
        listen.Use(next => connection => bounds.ServeAsync(connection, next));
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

    /// <summary>
    /// What a GET answers, HEAD answers without its body, which the server leaves out (RFC 9110 §9.3.2); but for what
    /// streams without an end.
    /// </summary>
    private static Task HeadAsGet(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method) && context.Request.Path != EventApi.Path)
            context.Request.Method = HttpMethods.Get;
        return next(context);
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
