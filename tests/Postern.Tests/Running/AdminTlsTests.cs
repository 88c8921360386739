using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Postern.Routing;

namespace Postern.Tests.Running;

/// <summary>The admin page over TLS: <c>[admin] tls_cert</c> and <c>tls_key</c> of a running gateway.</summary>
public sealed partial class AdminTlsTests : IDisposable
{
    private const string Tls = "tls_cert = \"admin.pem\"\ntls_key = \"admin.key\"\n";
    private static readonly DateTimeOffset nextCentury = new(2199, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly WorkFolder work = new(WorkFolder.FreePorts + Tls);

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task Pages_and_cookies_are_for_TLS_alone_and_commands_know_the_certificate_whatever_its_name()
    {
        using var certificate = WritePair(work, "gw.example");
        await using var running = await RunningGateway.StartAsync(work);
        using var browser = Browser(running, certificate);

        using var page = await browser.GetAsync("/login");
        Assert.Equal("https", running.Gateway.AdminAddress!.Scheme);
        Assert.Equal("max-age=31536000", page.Headers.GetValues("Strict-Transport-Security").Single());
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["name"] = "admin",
            ["password"] = running.Gateway.FirstPassword!,
            ["__RequestVerificationToken"] = Token().Match(await page.Content.ReadAsStringAsync()).Groups[1].Value,
        });
        using var login = await browser.PostAsync("/login", form);
        Assert.Equal("/password", login.Headers.Location!.OriginalString);
        foreach (var cookie in page.Headers.GetValues("Set-Cookie").Concat(login.Headers.GetValues("Set-Cookie")))
            Assert.Contains("; secure;", cookie, StringComparison.OrdinalIgnoreCase);

        using var plain = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync(
            new UriBuilder(running.Gateway.AdminAddress) { Scheme = "http", Path = "/health/live" }.Uri));
        var (code, output, error) = await work.RunAsync("status");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("active", output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Commands_tell_nothing_to_who_shows_another_certificate_than_that_of_the_file()
    {
        using var certificate = WritePair(work, "gw.example");
        await using var running = await RunningGateway.StartAsync(work);
        using var other = new WorkFolder(WorkFolder.FreePorts + Tls);
        Directory.CreateDirectory(other.PathOf("data"));
        other.Write("data/api-address", work.Read("data/api-address"));
        AtomicFile.WriteSecret(
            other.PathOf("data/api-token"), await File.ReadAllBytesAsync(work.PathOf("data/api-token")));

        // The same name, from who would like to be it.
        using var forged = WritePair(other, "gw.example");
        var (code, _, error) = await other.RunAsync("status");
        Assert.Equal(1, code);
        Assert.Contains($"{running.Gateway.AdminAddress!.Authority} shows another certificate than "
            + $"{other.PathOf("admin.pem")}, and was told nothing)", error, StringComparison.Ordinal);

        other.Write("postern.toml", WorkFolder.FreePorts);
        (code, _, error) = await other.RunAsync("status");
        Assert.Equal(1, code);
        Assert.Contains("speaks TLS, and [admin] tls_cert is not configured", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_certificate_is_shown_without_a_restart_and_one_that_is_wrong_changes_nothing()
    {
        using var first = WritePair(work, "gw.example");
        await using var running = await RunningGateway.StartAsync(work);
        using var browser = Browser(running, first);
        using var before = await browser.GetAsync("/health/live");

        WritePair(work, "gw.example").Dispose();
        AtomicFile.WriteSecret(work.PathOf("admin.key"), "not a key"u8.ToArray());
        await running.LoggedAsync("postern.toml was not taken up: 1 error(s)");
        var told = await running.LoggedAsync("error: ");
        Assert.Contains($"{work.PathOf("admin.key")} holds no key of the certificate in {work.PathOf("admin.pem")}. "
            + "Name the file with the key", told, StringComparison.Ordinal);
        Assert.Contains("postern.toml:6:11", told, StringComparison.Ordinal);
        using (var stays = Browser(running, first)) (await stays.GetAsync("/health/live")).Dispose();

        using var second = WritePair(work, "gw.example");
        await running.LoggedAsync($"The admin page shows the certificate of {work.PathOf("admin.pem")} from now on");
        using (var changed = Browser(running, second)) (await changed.GetAsync("/health/live")).Dispose();
        Assert.Equal((0, ""), await OutcomeAsync("status"));
        // A connection that began with the one before goes on.
        using var after = await browser.GetAsync("/health/live");
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    // As a renewal looks that has written the certificate and not yet its key.
    [Fact]
    public async Task One_whose_key_belongs_to_another_stops_neither_mail_nor_commands_nor_the_look_at_later_ones()
    {
        using var first = WritePair(work, "gw.example");
        var old = await File.ReadAllBytesAsync(work.PathOf("admin.key"));
        await using var running = await RunningGateway.StartAsync(work);

        WritePair(work, "gw.example").Dispose();
        AtomicFile.WriteSecret(work.PathOf("admin.key"), old);
        await running.LoggedAsync("postern.toml was not taken up: 1 error(s)");
        Assert.Contains($"{work.PathOf("admin.key")} holds no key of the certificate",
            await running.LoggedAsync("error: "), StringComparison.Ordinal);
        var (code, output, error) = await work.RunAsync("check");
        Assert.Equal((1, "postern: 1 error\n"), (code, error));
        Assert.Contains("holds no key of the certificate", output, StringComparison.Ordinal);

        using var second = WritePair(work, "gw.example");
        await running.LoggedAsync($"The admin page shows the certificate of {work.PathOf("admin.pem")} from now on");
        using var changed = Browser(running, second);
        using var answer = await changed.GetAsync("/health/live");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task One_that_has_ended_is_an_alert_and_stops_neither_mail_nor_commands()
    {
        using var certificate = WritePair(work, "gw.example", DateTimeOffset.UnixEpoch.AddYears(40));
        await using var running = await RunningGateway.StartAsync(work);

        Assert.Equal((0, ""), await OutcomeAsync("status"));
        Assert.Contains($"ends at 2010-01-01 00:00:00Z; put another one into {work.PathOf("admin.pem")}",
            await running.LoggedAsync("Warning: Alert: the certificate of the admin page"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_turned_on_and_off_at_the_address_that_the_page_has()
    {
        int port;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        var plain = WorkFolder.FreePorts.Replace(
            "[admin]\naddress = \"127.0.0.1:0\"", $"[admin]\naddress = \"127.0.0.1:{port}\"", StringComparison.Ordinal);
        using var certificate = WritePair(work, "gw.example");
        work.Write("postern.toml", plain);
        await using var running = await RunningGateway.StartAsync(work);

        work.Write("postern.toml", plain + Tls);
        await running.LoggedAsync($"The admin page is at https://127.0.0.1:{port}");
        using (var browser = Browser(running, certificate)) (await browser.GetAsync("/health/live")).Dispose();
        Assert.Equal((0, ""), await OutcomeAsync("status"));

        work.Write("postern.toml", plain);
        await running.LoggedAsync($"The admin page is at http://127.0.0.1:{port}");
        Assert.Equal((0, ""), await OutcomeAsync("status"));
    }

    [Theory]
    [InlineData("tls_cert = \"admin.pem\"\n", "5:12: error: tls_cert and tls_key belong together")]
    [InlineData("tls_cert = \"none.pem\"\ntls_key = \"admin.key\"\n", "none.pem is missing")]
    [InlineData("tls_cert = \"admin.key\"\ntls_key = \"admin.key\"\n", "admin.key holds no certificate")]
    [InlineData("tls_cert = \"admin.pem\"\ntls_key = \"open.key\"\n", "open.key can be read or written by everybody")]
    public async Task Check_tells_what_is_wrong_with_the_files(string section, string expected)
    {
        using var certificate = WritePair(work, "gw.example");
        work.Write("open.key", work.Read("admin.key"));
        work.Write("postern.toml", WorkFolder.FreePorts + section);

        var (code, output, _) = await work.RunAsync("check");

        Assert.Equal(1, code);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Error)> OutcomeAsync(string command)
    {
        var (code, _, error) = await work.RunAsync(command);
        return (code, error);
    }

    // One that trusts this certificate and no other.
    private static HttpClient Browser(RunningGateway running, X509Certificate2 certificate) =>
        new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.Equals(shown) },
        })
        {
            BaseAddress = running.Gateway.AdminAddress,
        };

    private static X509Certificate2 WritePair(WorkFolder work, string name, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, until ?? nextCentury);
        work.Write("admin.pem", made.ExportCertificatePem());
        AtomicFile.WriteSecret(
            work.PathOf("admin.key"), System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        return X509CertificateLoader.LoadCertificate(made.RawDataMemory.Span);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
