using System.Text;
using Postern.Configuration;

namespace Postern.Tests.Configuration;

/// <summary>Contract §2: every error of the file, each with its line, column and remedy.</summary>
public sealed class ConfigurationErrorTests
{
    [Theory]
    [InlineData("hostnam = 'a.example'", 1, 1, "unknown key 'hostnam'", "Did you mean 'hostname'?")]
    [InlineData("[delivery]\nmax_conections = 5", 2, 1,
        "unknown key 'max_conections' in [delivery]", "'max_connections'")]
    [InlineData("[delivry]", 1, 2, "unknown key 'delivry'", "'delivery'")]
    [InlineData("[dns]\nzzz = 1", 2, 1, "unknown key 'zzz'", "The nearest known key is 'servers'")]
    [InlineData("[admin]\nhostname = 'gw.example'", 2, 1,
        "unknown key 'hostname'", "Move hostname to the top of the file")]
    [InlineData("hostname = 5", 1, 12, "hostname is the number 5, not a domain name", "hostname = \"gw.example.com\"")]
    [InlineData("hostname = 'a b'", 1, 12, "hostname is \"a b\", not a domain name", "gw.example.com")]
    [InlineData("hostname = \"a\\r\\nb\"", 1, 12, "hostname is \"a\\x0D\\x0Ab\"", "gw.example.com")]
    [InlineData("data = ''", 1, 8, "data is \"\", not a text", "data = \"data\"")]
    [InlineData("[delivery]\nhost_retry_initial = '90'", 2, 22,
        "is \"90\", not a duration", "host_retry_initial = \"1m\"")]
    [InlineData("[delivery]\nconnect_timeout = '0s'", 2, 19, "connect_timeout is 0s", "from \"1ms\" to \"1h\"")]
    [InlineData("[delivery]\nconnect_timeout = 30", 2, 19,
        "is the number 30, not a duration", "connect_timeout = \"30s\"")]
    [InlineData("[delivery]\nhost_retry_initial = '1h'\nhost_retry_max = '10m'", 2, 22,
        "(1h) is longer than host_retry_max (10m)", "Raise host_retry_max")]
    [InlineData("[delivery]\npossible_delivery = 'no'", 2, 21,
        "is \"no\", not true or false", "possible_delivery = false")]
    [InlineData("[delivery]\ninterface = 'eth0'", 2, 13,
        "is \"eth0\", not \"auto\" or an address", "interface = \"auto\"")]
    [InlineData("[delivery]\nmax_connections = 0", 2, 19, "max_connections is 0", "a number from 1 to 1000000")]
    [InlineData("[limits]\nmessage_size = '10MiB'", 2, 16, "is \"10MiB\", not a size", "message_size = \"50MB\"")]
    [InlineData("[limits]\nreply_line = '1B'", 2, 14, "reply_line is 1B", "from \"512B\" to \"1MB\"")]
    [InlineData("[spool]\nfree_space_soft = '10MB'", 2, 19,
        "free_space_hard is above free_space_soft", "make it the smaller one")]
    [InlineData("[log]\njson = 1", 2, 8, "json is the number 1, not true or false", "json = false")]
    [InlineData("[admin]\naddress = 'localhost:8025'", 2, 11, "not an address with a port", "127.0.0.1:8025")]
    [InlineData("[admin]\nmetric_from = []", 2, 1, "unknown key 'metric_from' in [admin]", "'metrics_from'")]
    [InlineData("[admin]\nmetrics_from = ['10.0.0.9/8']", 2, 17, "is not a network", "write \"10.0.0.0/8\"")]
    [InlineData("[alert]\nmail_to = ['ops']", 2, 12, "\"ops\" in mail_to is not an address", "postmaster@example.com")]
    [InlineData("[admin]\ntotp = 'administrator'", 2, 8,
        "totp is \"administrator\"", "Did you mean \"administrators\"?")]
    [InlineData("[admin]\naddress = '127.0.0.1'", 2, 11, "not an address with a port", "127.0.0.1:8025")]
    [InlineData("[[listener]]\naddress = '::1:2525'", 2, 11, "not an address with a port", "[::1]:2525")]
    [InlineData("[[listener]]\naddress = '127.0.0.1:65536'", 2, 11, "not an address with a port", "2525")]
    [InlineData("[[listener]]\naddress = '127.0.0.01:25'", 2, 11, "not an address with a port", "2525")]
    [InlineData("[[listener]]\nrelay_from = ['10.0.0.1/8']", 2, 15, "is not a network", "write \"10.0.0.0/8\"")]
    [InlineData("[[listener]]\nrelay_from = '10.0.0.0/8'", 2, 14, "not a list", "relay_from = [\"127.0.0.0/8\"]")]
    [InlineData("[[listener]]\naccept_for = ['a.example',\n  'b_.example@']", 3, 3,
        "is not a domain or .domain", "example.com")]
    [InlineData("[[listener]]\nname = 'a'\n[[listener]]\nname = 'a'\naddress = '127.0.0.1:1'", 4, 8,
        "a listener 'a' already", "its own name")]
    [InlineData("[[listener]]\nname = 'a'\n[[listener]]\nname = 'b'", 3, 3,
        "listener 'a' has the address 127.0.0.1:2525 already", "port")]
    [InlineData("[listener]\nname = 'a'", 1, 2, "listener is not an array of tables", "[[listener]] with two brackets")]
    [InlineData("[destination.default]\nbounce_profile = 'slw'\n[bounce_profile.slow]", 2, 18,
        "no bounce profile 'slw'", "Did you mean \"slow\"?")]
    [InlineData("[destination.default]\ntls = 'require'", 2, 7, "tls is \"require\"", "Did you mean \"required\"?")]
    [InlineData("[destination.example.com]\ntls = 'none'", 1, 22, "unknown key 'com'", "[destination.\"example.com\"]")]
    [InlineData("[destination.'EXAMPLE.com']\n[destination.'example.COM']", 2, 14,
        "a destination 'example.com' already", "one header")]
    [InlineData("[destination.'-x']", 1, 14, "'-x' is not a receiving domain", "quotation marks")]
    [InlineData("[auth_profile.office]\npassword_env = 'A'", 1, 15, "has no username", "username")]
    [InlineData("[auth_profile.office]\nusername = 'u'", 1, 15, "has no password", "password_file")]
    [InlineData("[auth_profile.office]\nusername='u'\npassword_env='A'\npassword_file='postern.none'", 3, 14,
        "both", "Remove one")]
    [InlineData("data = 'a'\ndata = 'b'", 2, 1, "'data' is already set in line 1", "Remove one")]
    [InlineData("[log]\n[dns]\n[log]", 3, 2, "'log' is already there as a table in line 1", "one header")]
    [InlineData("[bounce_profile.default]\nmax_wait = 1.5", 2, 12,
        "is a number with a fraction, not a duration", "\"1h\"")]
    [InlineData("[bounce_profile.default]\nlanguage = 'dee'", 2, 12, "language is \"dee\"", "Did you mean \"de\"?")]
    [InlineData("[bounce_profile.default]\ntemplate = 'postern.none'", 2, 12, "postern.none is missing", "built-in")]
    [InlineData("[delivery]\nmax_bounces_per_hour = -1", 2, 24, "is -1", "from 0 to 1000000")]
    [InlineData("[bounce_profile.default]\ndelay_warning = 'never'", 2, 17, "not \"off\" or a duration", "4h")]
    [InlineData("data = ", 1, 8, "Unexpected token", "key = value")]
    [InlineData("data = 'x", 1, 9, "string", "quotation mark")]
    public void A_wrong_value_is_named_with_its_place_and_remedy(
        string text, int line, int column, string says, string remedy)
    {
        var result = ConfigurationReader.Read(text, "postern.toml", "/nowhere");

        Assert.Null(result.Configuration);
        var error = result.Errors[0];
        Assert.Contains(says, error.Text, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Remedy, StringComparison.Ordinal);
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.StartsWith($"postern.toml:{line}:{column}: error: ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_are_told_at_once_in_the_order_of_the_file()
    {
        const string text = """
            hostnam = "gw.example.com"
            list = 
            [delivery]
            connect_timeout = "soon"
            [[listener]]
            address = "127.0.0.1"
            relay_from = ["nobody", "10.0.0.0/8", "also nobody"]
            """;

        var lines = ConfigurationReader.Read(text, "f", "/").Errors.Select(e => (e.Line, e.Column));

        Assert.Equal([(1, 1), (2, 8), (4, 19), (6, 11), (7, 15), (7, 39)], lines);
    }

    [Fact]
    public void An_error_in_a_template_names_its_file_line_and_remedy_once()
    {
        using var folder = new WorkFolder();
        folder.Write("bounce.txt", "[failed]\nSubject: x\n{recipients}\n{sendr}\n");
        const string text = """
            [bounce_profile.default]
            template = "bounce.txt"
            [bounce_profile.slow]
            template = "./bounce.txt"
            [delivery]
            max_connections = 0
            """;

        var errors = ConfigurationReader.Read(text, "postern.toml", folder.PathOf("")).Errors;

        Assert.Equal(
            ["postern.toml:6:19: error: max_connections is 0. Write a number from 1 to 1000000.",
                folder.PathOf("bounce.txt") + ":4:1: error: there is no placeholder {sendr}. "
                + "Write {recipients}, {hostname}, {sender}, {arrived} or {until}."],
            errors.Select(e => e.ToString()));
    }

    [Fact]
    public void A_template_that_is_not_utf8_is_refused()
    {
        using var folder = new WorkFolder();
        File.WriteAllBytes(folder.PathOf("bounce.txt"), [.. "[failed]\nSubject: f"u8, 0xFC, .. "r\n"u8]);

        var errors = ConfigurationReader.Read(
            "[bounce_profile.default]\ntemplate = 'bounce.txt'", "postern.toml", folder.PathOf("")).Errors;

        var error = folder.PathOf("bounce.txt") + ":1:1: error: the file is not UTF-8. Save it as UTF-8.";
        Assert.Equal([error], errors.Select(e => e.ToString()));
    }

    [Fact]
    public void A_profile_that_may_stand_in_an_unreadable_part_is_no_error()
    {
        const string text = "[destination.default]\nbounce_profile = 'slow'\n[bounce_profile.slow\n";

        Assert.All(ConfigurationReader.Read(text, "f", "/").Errors, e => Assert.Equal(3, e.Line));
    }

    [Fact]
    public void Hostile_text_gives_errors_and_no_exception()
    {
        var random = new Random(7);
        const string alphabet = "[]{}=\"'.,#\n\t -_09aZ\\\0\u0007\u202e\ud83d";
        for (var run = 0; run < 2_000; run++)
        {
            var text = new string(random.GetItems<char>(alphabet, random.Next(120)));
            // What was read from a file is well-formed: octets that are not UTF-8 are refused before.
            text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            var result = ConfigurationReader.Read(text, "f", "/");
            Assert.True(result.Configuration is not null || result.Errors.Count > 0);
            Assert.All(result.Errors, e => Assert.DoesNotContain('\n', e.ToString()));
        }
    }
}
