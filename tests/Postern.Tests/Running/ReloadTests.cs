using System.Net;
using System.Net.Sockets;
using Postern.Demo;
using Postern.Mail;

namespace Postern.Tests.Running;

/// <summary>Contract §2: a running gateway takes up changes, and an invalid or missing file changes nothing.</summary>
public sealed class ReloadTests : IDisposable
{
    private const string Profile = "[auth_profile.office]\nusername = \"u\"\npassword_env = \"P\"\n";

    private readonly WorkFolder work = new();

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task A_route_made_by_a_command_is_in_force_at_once()
    {
        await using var running = await RunningGateway.StartAsync(work);

        var (code, _, _) = await work.RunAsync("smtproutes", "new", "example.com", "127.0.0.10");

        // The command returns when the gateway has it.
        Assert.Equal(0, code);
        Assert.Equal("example.com", RouteOf(running, "example.com"));
        await running.LoggedAsync("smtproutes was read and is in force: 1 route, 1 added");
    }

    [Fact]
    public async Task An_invalid_or_missing_routes_file_changes_nothing_and_is_reported()
    {
        work.Write("smtproutes", "example.com 127.0.0.10\n");
        await using var running = await RunningGateway.StartAsync(work);

        work.Write("smtproutes", "other.example 127.0.0.10\nexample.com 192.168.10\n");
        await running.LoggedAsync("smtproutes was not taken up: 1 error(s)");
        Assert.Contains(":2:13: error: ", await running.LoggedAsync("four decimal octets"), StringComparison.Ordinal);
        Assert.Null(RouteOf(running, "other.example"));
        // The alert names the place, and what to do.
        Assert.Contains($"{work.RoutesFile}:2:13: error: ",
            running.Gateway.Refused.All[work.RoutesFile], StringComparison.Ordinal);

        File.Delete(work.RoutesFile);
        await running.LoggedAsync("smtproutes is missing");
        Assert.Equal("example.com", RouteOf(running, "example.com"));

        work.Write("smtproutes", "other.example 127.0.0.10\n");
        await running.LoggedAsync("is in force: 1 route, 1 added, 0 altered, 1 removed");
        Assert.Equal("other.example", RouteOf(running, "other.example"));
        Assert.Empty(running.Gateway.Refused.All);
    }

    [Fact]
    public async Task An_edit_by_hand_is_a_version_of_the_history()
    {
        await using (var running = await RunningGateway.StartAsync(work))
        {
            work.Write("smtproutes", "by.hand 127.0.0.10\n");
            await running.LoggedAsync("is in force: 1 route");
            work.Write("smtproutes", "by.hand 127.0.0.2\n");
            await running.LoggedAsync("1 altered");
        }

        var (_, history, _) = await work.RunAsync("smtproutes", "history");
        Assert.Contains("1  ", history, StringComparison.Ordinal);
        Assert.Contains("     - by.hand 127.0.0.10\n     + by.hand 127.0.0.2\n", history, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_listener_is_bound_and_no_connection_is_dropped()
    {
        await using var running = await RunningGateway.StartAsync(work);
        using var client = new TcpClient();
        await client.ConnectAsync(running.Gateway.Listeners[0].Address);
        var lines = new SmtpLines(client.GetStream());
        Assert.StartsWith("220 ", await lines.ReadAsync(default), StringComparison.Ordinal);

        work.Write("postern.toml", "hostname = \"second.example\"\n" + WorkFolder.FreePorts
            + "[[listener]]\nname = \"more\"\naddress = \"127.0.0.1:0\"\n");
        await running.LoggedAsync("postern.toml was read and is in force");

        await lines.WriteAsync(default, "NOOP");
        Assert.StartsWith("250 ", await lines.ReadAsync(default), StringComparison.Ordinal);
        var more = running.Gateway.Listeners.Single(l => l.Name == "more");
        Assert.StartsWith("220 second.example ", await BannerAsync(more.Address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_or_missing_configuration_changes_nothing_and_is_reported()
    {
        await using var running = await RunningGateway.StartAsync(work);
        var before = running.Gateway.Configuration;

        work.Write("postern.toml", "hostname = \"second.example\"\nbad = 1\n");
        await running.LoggedAsync("postern.toml was not taken up: 1 error(s)");
        Assert.Contains("postern.toml:2:1: error: unknown key 'bad'",
            await running.LoggedAsync("unknown key"), StringComparison.Ordinal);
        work.Write("postern.toml", "");
        await running.LoggedAsync("postern.toml:1:1: error: the file is empty");
        File.Delete(work.ConfigurationFile);
        await running.LoggedAsync("postern.toml is missing");

        Assert.Same(before, running.Gateway.Configuration);
        Assert.StartsWith("220 ", await BannerAsync(running.Gateway.Listeners[0].Address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_routes_file_that_is_wrong_does_not_hold_up_the_configuration()
    {
        work.Write("smtproutes", "example.com 127.0.0.10\n");
        await using var running = await RunningGateway.StartAsync(work);
        work.Write("smtproutes", "nonsense\n");
        await running.LoggedAsync("smtproutes was not taken up");

        work.Write("postern.toml", "hostname = \"second.example\"\n" + WorkFolder.FreePorts);
        await running.LoggedAsync("postern.toml was read and is in force");

        Assert.Equal("second.example", running.Gateway.Configuration.HostName);
        Assert.Equal("example.com", RouteOf(running, "example.com"));
    }

    [Fact]
    public async Task A_profile_that_a_route_names_goes_only_with_the_route()
    {
        work.Write("postern.toml", WorkFolder.FreePorts + Profile);
        work.Write("smtproutes", "example.com 127.0.0.10 auth=office\n");
        await using var running = await RunningGateway.StartAsync(work);

        work.Write("postern.toml", WorkFolder.FreePorts);
        await running.LoggedAsync("the profile 'office' is not defined");
        Assert.Contains("office", running.Gateway.Configuration.AuthProfiles.Keys);

        work.Write("smtproutes", "example.com 127.0.0.10\n");
        await running.LoggedAsync("postern.toml was read and is in force");
        Assert.Empty(running.Gateway.Configuration.AuthProfiles);
        Assert.Null(running.Gateway.Routes.Find(DomainOf("example.com"))!.AuthProfile);
    }

    [Fact]
    public async Task The_admin_page_moves()
    {
        await using var running = await RunningGateway.StartAsync(work);
        var before = running.Gateway.AdminAddress;

        work.Write("postern.toml", WorkFolder.FreePorts.Replace(
            "[admin]\naddress = \"127.0.0.1:0\"", "[admin]\naddress = \"[::1]:0\"", StringComparison.Ordinal));
        await running.LoggedAsync("The admin page is at");

        Assert.NotEqual(before, running.Gateway.AdminAddress);
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(running.Gateway.AdminAddress!, "/health/ready"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<string?> BannerAsync(IPEndPoint address)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address);
        return await new SmtpLines(client.GetStream()).ReadAsync(default);
    }

    private static string? RouteOf(RunningGateway running, string domain) =>
        running.Gateway.Routes.Find(DomainOf(domain))?.Key;

    private static Domain DomainOf(string name) =>
        Domain.TryParse(name, out var domain) ? domain : throw new ArgumentException(name);
}
