using System.Net.Sockets;
using System.Text;
using Postern.Admin;
using Postern.Admin.Access;
using Postern.Configuration;
using Postern.Routing;

namespace Postern.Running;

/// <summary>
/// The admin host of a gateway, wherever the configuration moves it. Owned by the gateway, which calls one member at a
/// time; any thread may read <see cref="Address"/>.
/// </summary>
/// <param name="parts">What a host talks to; asked for each one.</param>
/// <param name="dataFolder">Commands find the host by a file in it.</param>
/// <param name="tell">Told the level and one sentence without its dot.</param>
internal sealed class GatewayAdmin(Func<AdminParts> parts, string dataFolder, Action<string, string> tell)
    : IAsyncDisposable
{
    private AdminHost? host;
    private AdminSettings settings = new();

    /// <summary>The certificate of the next connection; the last one where the host speaks in clear.</summary>
    private AdminCertificate? certificate;

    /// <summary>Where it really is; null: nowhere.</summary>
    public Uri? Address => host?.Address;

    /// <summary>Starts it; one that ran before goes on when this fails.</summary>
    /// <exception cref="IOException">The address cannot be bound.</exception>
    /// <exception cref="SocketException">The same.</exception>
    public async Task StartAsync(AdminSettings next, CancellationToken cancellationToken)
    {
        certificate = next.Tls?.Certificate ?? certificate;
        var before = host;
        host = await AdminHost.StartAsync(next.Address, parts() with
        {
            Certificate = next.Tls is null ? null : () => certificate!,
        }, cancellationToken);
        settings = next;
        // Commands find the gateway by it, also where the configuration leaves the port to the system.
        AtomicFile.Write(DataFolder.ApiAddressIn(dataFolder), Encoding.ASCII.GetBytes($"{Address}\n"));
        if (before is not null) await before.DisposeAsync();
    }

    /// <summary>Takes up other settings. What cannot be taken up is told, and mail goes on.</summary>
    public async Task UseAsync(AdminSettings next)
    {
        var isSameAddress = next.Address.Equals(settings.Address);
        if (host is not null && isSameAddress && next.Tls is null == settings.Tls is null)
        {
            UseCertificate(next);
            return;
        }
        // Two hosts cannot have one address: that in clear makes room for that with TLS, or the other way round.
        if (isSameAddress && next.Address.Port != 0) await StopAsync();
        try
        {
            await StartAsync(next, CancellationToken.None);
            tell("Info", $"The admin page is at {Address}");
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            tell("Warning", host is null ? $"There is no admin page: {e.Message}"
                : $"The admin page stays at {Address}: {e.Message}");
        }
    }

    /// <summary>As <see cref="AdminHost.BeginStop"/>.</summary>
    public void BeginStop() => host?.BeginStop();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        File.Delete(DataFolder.ApiAddressIn(dataFolder));
        await StopAsync();
    }

    private void UseCertificate(AdminSettings next)
    {
        settings = next;
        if (next.Tls?.Certificate is not { } shown || shown.IsSame(certificate)) return;
        certificate = shown;
        tell("Info", $"The admin page shows the certificate of {shown.File} from now on; it ends at {shown.Ends:u}");
    }

    private async Task StopAsync()
    {
        var before = host;
        host = null;
        if (before is not null) await before.DisposeAsync();
    }
}
