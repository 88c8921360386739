using System.Net;
using Postern.Configuration;
using Postern.Delivery;
using Postern.Mail.Dsn;
using Postern.Routing;

namespace Postern.Tests.Configuration;

/// <summary>Contract §2: the keys, their defaults and what they mean.</summary>
public sealed class ConfigurationValueTests
{
    [Fact]
    public void Without_a_file_the_gateway_is_on_loopback_only()
    {
        var configuration = ConfigurationReader.Defaults("/srv/postern");

        Assert.Equal("/srv/postern/data", configuration.DataFolder);
        Assert.Equal("/srv/postern/smtproutes", configuration.RoutesFile);
        Assert.Equal("127.0.0.1:8025", configuration.Admin.Address.ToString());
        var listener = Assert.Single(configuration.Listeners);
        Assert.Equal(("incoming", "127.0.0.1:2525"), (listener.Name, listener.Address.ToString()));
        Assert.Equal([IPNetwork.Parse("127.0.0.0/8")], listener.RelayFrom);
        Assert.Empty(listener.AcceptFor);
    }

    [Fact]
    public void The_guide_shows_every_key_with_its_default()
    {
        var guide = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs/guide/configuration.md"));
        var toml = guide.Split("```toml")[1].Split("```")[0];
        var shown = Read(toml);
        var defaults = ConfigurationReader.Defaults("/srv");

        Assert.Equal(defaults.Limits, shown.Limits);
        Assert.Equal(defaults.Space, shown.Space);
        Assert.Equal(defaults.Log, shown.Log);
        Assert.Equal(defaults.Delivery.DefaultDestination, shown.Delivery.DefaultDestination);
        Assert.Equal(defaults.Delivery.BounceProfiles["default"], shown.Delivery.BounceProfiles["default"]);
        Assert.Equal(Scalars(defaults.Delivery), Scalars(shown.Delivery));
        foreach (var header in toml.Split('\n').Where(line => line.StartsWith('[')).Select(line => line.Split('#')[0]))
            Assert.All(KnownKeys(header), key => Assert.Matches($@"\b{key} *= ", toml));
    }

    private static readonly Dictionary<string, AuthProfile> NoProfiles = [];

    // Tables are compared one by one; a record compares them as objects.
    private static DeliveryOptions Scalars(DeliveryOptions options) => options with
    {
        HostName = "x",
        BounceProfiles = Empty,
        Destinations = None,
        AuthProfiles = NoProfiles,
    };

    [Fact]
    public void The_sample_of_the_contract_is_read_as_it_stands()
    {
        var configuration = Read(Sample);

        Assert.Equal("gw.example.com", configuration.HostName);
        Assert.Equal(["example.com", ".example.net"], configuration.Listeners[0].AcceptFor);
        Assert.Equal(TimeSpan.FromSeconds(60), configuration.Delivery.HostRetryInitial);
        Assert.Equal(TimeSpan.FromHours(72), configuration.Delivery.BounceProfiles["default"].MaxTimeInQueue);
        Assert.Equal(10_000, configuration.Delivery.BounceProfiles["default"].MaxBounceCopy);
        Assert.Equal(TlsPolicy.Preferred, configuration.Delivery.DefaultDestination.Tls);
        Assert.Equal(5, configuration.Dns.RefuseNetworks.Count);
        Assert.Equal("gw@example.com", configuration.AuthProfiles["office"].UserName);
        Assert.Equal(100_000_000, configuration.Log.RotateSize);
    }

    [Fact]
    public void The_defaults_are_those_of_the_sample()
    {
        var sample = Read(Sample);
        var defaults = ConfigurationReader.Defaults("/srv");

        Assert.Equal(defaults.Dns.RefuseNetworks, sample.Dns.RefuseNetworks);
        Assert.Equal(defaults.Delivery.BounceProfiles["default"], sample.Delivery.BounceProfiles["default"]);
        Assert.Equal(defaults.Delivery.DefaultDestination, sample.Delivery.DefaultDestination);
        Assert.Equal(defaults.Log, sample.Log);
        Assert.Equal(defaults.Admin.Address, sample.Admin.Address);
        Assert.Empty(defaults.Admin.MetricsFrom);
        Assert.Equal(defaults.Listeners[0].RelayFrom, sample.Listeners[0].RelayFrom);
        Assert.Equal(Scalars(defaults.Delivery), Scalars(sample.Delivery));
    }

    [Fact]
    public void A_destination_overrides_single_keys_of_the_default()
    {
        var delivery = Read("""
            [bounce_profile.default]
            max_retries = 7
            [bounce_profile.slow]
            initial_wait = "5m"
            [destination.default]
            max_connections = 9
            ip_preference = "require-v4"
            [destination."BÜCHER.example"]
            bounce_profile = "slow"
            [destination."[10.1.2.3]"]
            tls = "verify"
            """).Delivery;

        var control = delivery.ControlOf("xn--bcher-kva.example");
        Assert.Equal((9, "slow"), (control.MaxConnections, control.BounceProfile));
        Assert.Equal(IpPreference.RequireV4, control.IpPreference);
        Assert.Equal(TlsPolicy.Verify, delivery.ControlOf("[10.1.2.3]").Tls);
        var profile = delivery.ProfileOf("xn--bcher-kva.example");
        Assert.Equal(("slow", 7, TimeSpan.FromMinutes(5)), (profile.Name, profile.MaxRetries, profile.InitialWait));
    }

    [Theory]
    [InlineData("250ms", 0.25)]
    [InlineData("90s", 90)]
    [InlineData("15m", 900)]
    [InlineData("72h", 259_200)]
    [InlineData("2d", 172_800)]
    public void Durations_have_units(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds),
            Read($"[bounce_profile.default]\nmax_time_in_queue = '{text}'").Delivery.ProfileOf("any").MaxTimeInQueue);

    [Theory]
    [InlineData("5000B", 5_000)]
    [InlineData("64KB", 64_000)]
    [InlineData("10MB", 10_000_000)]
    [InlineData("2GB", 2_000_000_000)]
    public void A_megabyte_is_a_million_octets(string text, long octets) =>
        Assert.Equal(octets, Read($"[limits]\nmessage_size = '{text}'").Limits.MessageSize);

    [Theory]
    [InlineData("127.0.0.1:0", "127.0.0.1:0")]
    [InlineData("[::1]:2525", "[::1]:2525")]
    [InlineData("[::ffff:10.0.0.1]:25", "10.0.0.1:25")]
    public void Addresses_have_ports(string text, string address) =>
        Assert.Equal(address, Read($"[[listener]]\naddress = '{text}'").Listeners[0].Address.ToString());

    [Fact]
    public void A_server_of_dns_has_port_53_unless_told() =>
        Assert.Equal(["127.0.0.1:5353", "127.0.0.2:53", "[::1]:53", "[::1]:5353"],
            Read("[dns]\nservers = ['127.0.0.1:5353', '127.0.0.2', '::1', '[::1]:5353']").Dns.Servers
                .Select(s => s.ToString()));

    /// <summary>The keys of a table, as the error about an unknown one lists them.</summary>
    private static string[] KnownKeys(string header)
    {
        var errors = ConfigurationReader.Read($"{header}\nno_such_key_at_all = 1\n", "f", "/srv").Errors;
        var remedy = errors.Single(e => e.Text.Contains("no_such_key_at_all", StringComparison.Ordinal)).Remedy;
        return remedy.Split("known here are ")[1].TrimEnd('.').Split(", ");
    }

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Postern.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [Fact]
    public void A_profile_has_its_language_and_template_from_the_default_one_until_it_says_otherwise()
    {
        using var folder = new WorkFolder();
        folder.Write("bounce.txt", "[failed]\r\nSubject: Unzustellbar\r\n{recipients}\r\n");
        var result = ConfigurationReader.Read("""
            [bounce_profile.default]
            language = "de"
            template = "bounce.txt"
            [bounce_profile.same]
            max_retries = 1
            [bounce_profile.other]
            language = "both"
            template = "built-in"
            """, "postern.toml", folder.PathOf(""));
        Assert.Empty(result.Errors);
        var profiles = result.Configuration!.Delivery.BounceProfiles;
        Assert.Equal(ReportLanguage.German, profiles["same"].Language);
        Assert.NotNull(profiles["default"].Template);
        Assert.Same(profiles["default"].Template, profiles["same"].Template);
        Assert.Equal((ReportLanguage.Both, null), (profiles["other"].Language, profiles["other"].Template));
    }

    private static Dictionary<string, BounceProfile> Empty { get; } = [];

    private static Dictionary<string, DestinationControl> None { get; } = [];

    private static PosternConfiguration Read(string text)
    {
        var result = ConfigurationReader.Read(text, "postern.toml", "/srv");
        Assert.Empty(result.Errors);
        return result.Configuration!;
    }

    private const string Sample = """
        hostname = "gw.example.com"        # banner, EHLO, Received, Message-ID
        data     = "data"                  # spool, logs, secrets; created 0700

        [[listener]]
        name       = "incoming"
        address    = "127.0.0.1:2525"      # also "[::1]:2525"
        relay_from = ["127.0.0.0/8"]       # clients that may send to any domain
        accept_for = ["example.com", ".example.net"]   # recipient domains taken from everybody else

        [smtp_routes]
        file = "smtproutes"

        [dns]
        servers         = []               # empty: those of the system; "127.0.0.1:5353"
        refuse_networks = ["0.0.0.0/8", "127.0.0.0/8", "::1/128", "169.254.0.0/16", "224.0.0.0/4"]

        [delivery]
        interface          = "auto"        # source address of outgoing connections
        max_connections             = 10000
        max_connections_per_address = 200
        possible_delivery  = false
        host_retry_initial = "60s"
        host_retry_max     = "10m"
        connect_timeout    = "30s"
        greeting_timeout   = "5m"
        command_timeout    = "5m"
        data_timeout       = "3m"
        final_dot_timeout  = "10m"

        [bounce_profile.default]
        max_retries       = 100
        max_time_in_queue = "72h"
        initial_wait      = "60s"
        max_wait          = "1h"
        send_bounces      = true
        delay_warning     = "off"
        max_bounce_copy   = "10KB"

        [destination.default]
        max_connections             = 500
        max_messages_per_connection = 50
        recipient_limit             = 0
        recipient_minutes           = 60
        tls                         = "preferred"   # none | preferred | required | verify | dane
        bounce_profile              = "default"
        ip_preference               = "prefer-v6"

        [auth_profile.office]
        username = "gw@example.com"
        password_file = "secrets/office"
        allow_plaintext = false

        [limits]
        command_line = 2048
        recipients_per_message = 1000
        message_size = "50MB"
        connections = 1000
        connections_per_client = 50
        received_fields = 100
        minimum_rate = "500B"
        reply_line = "2KB"
        reply_lines = 100

        [log]
        json = false
        rotate_size = "100MB"
        keep_days   = 30

        [admin]
        address = "127.0.0.1:8025"
        """;
}
