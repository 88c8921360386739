using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Postern.TestHosts;
using TestTools;

namespace Scenarios;

/// <summary>
/// Debian's Postfix as a destination host, in a folder of its own and beside the system's: one listener for each way in
/// that the tests want. What it takes it throws away, and says so in its log. It starts for root only.
/// </summary>
public sealed class PostfixPeer : IAsyncLifetime
{
    /// <summary>The account that it knows.</summary>
    public const string UserName = "gw";

    /// <summary>Its password.</summary>
    public const string Password = "correct horse battery staple";

    private const string Realm = "peer.example";
    private static readonly string[] mechanisms = ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"];

    private readonly TempFolder _folder = new();
    private readonly TestCertificates _certificates = new();
    private readonly TestCertificates _strangers = new("Stranger");
    private readonly Dictionary<string, int> _ports = [];
    private readonly List<string> _services = [];
    private bool _isRunning;

    /// <summary>The issuer that the gateway trusts, as PEM.</summary>
    public string RootsFile => _folder.File("roots.pem");

    /// <summary>The log of Postfix.</summary>
    internal MailLog Log => new(_folder.File("mail.log"));

    /// <summary>Where a way in listens: clear, secure, expired, misnamed, strange, or a mechanism.</summary>
    public string this[string way] => $"127.0.0.1:{_ports[way]}";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "postfix starts for root only");
        ForeignTool.Postfix.Require();
        var saslpasswd = ForeignTool.SaslPassword.Require();
        // Its processes give up being root, and have to come in.
        await Child.RunAsync("chmod", ["755", _folder.Path], default);
        foreach (var part in (string[])["etc/sasl", "queue", "data"]) Directory.CreateDirectory(_folder.File(part));
        await File.WriteAllTextAsync(RootsFile, _certificates.Pem);
        AddWaysIn();
        await MakeAccountAsync(saslpasswd);
        await File.WriteAllTextAsync(_folder.File("etc/main.cf"), Main());
        await File.WriteAllTextAsync(_folder.File("etc/master.cf"), Master());
        await Child.RunAsync("chown", ["postfix", _folder.File("data"), _folder.File("sasldb2")], default);
        _isRunning = true;
        await Child.RunAsync(ForeignTool.Postfix.Require(), ["-c", _folder.File("etc"), "start"], default);
        foreach (var port in _ports.Values) await Connectable.WaitAsync(port, default);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isRunning)
            await Child.RunAsync(ForeignTool.Postfix.Require(), ["-c", _folder.File("etc"), "stop"], default);
        _certificates.Dispose();
        _strangers.Dispose();
        _folder.Dispose();
    }

    private void AddWaysIn()
    {
        var past = new DateTimeOffset(2020, 2, 3, 0, 0, 0, TimeSpan.Zero);
        AddWayIn("clear", null);
        AddWayIn("secure", _certificates.For("127.0.0.1"));
        AddWayIn("expired", _certificates.For(past, "127.0.0.1"));
        AddWayIn("misnamed", _certificates.For("mx.example.com"));
        AddWayIn("strange", _strangers.For("127.0.0.1"));
        foreach (var mechanism in mechanisms) AddWayIn(mechanism, _certificates.For("127.0.0.1"), mechanism);
    }

    // Everybody may send through a way without AUTH, and only the account through one with it.
    private void AddWayIn(string way, X509Certificate2? certificate, string? mechanism = null)
    {
        _ports[way] = SmtpSink.FreePort();
        var options = new List<string> { $"smtpd_tls_security_level={(certificate is null ? "none" : "may")}" };
        if (certificate is not null)
        {
            var file = _folder.File($"{way}.pem");
            using var key = certificate.GetECDsaPrivateKey()!;
            File.WriteAllText(file, key.ExportPkcs8PrivateKeyPem() + "\n" + certificate.ExportCertificatePem() + "\n");
            certificate.Dispose();
            options.Add($"smtpd_tls_chain_files={file}");
        }
        if (mechanism is not null)
        {
            // Debian's looks for what smtpd_sasl_path names in the folder sasl beside main.cf.
            File.WriteAllText(_folder.File($"etc/sasl/{mechanism}.conf"), $"""
                pwcheck_method: auxprop
                auxprop_plugin: sasldb
                sasldb_path: {_folder.File("sasldb2")}
                mech_list: {mechanism}

                """);
            options.AddRange(["smtpd_sasl_auth_enable=yes", $"smtpd_sasl_path={mechanism}",
                "smtpd_recipient_restrictions=permit_sasl_authenticated,reject", "smtpd_tls_auth_only=yes"]);
        }
        _services.Add($"{this[way]} inet n - n - - smtpd" + string.Concat(options.Select(o => $" -o {o}")));
    }

    private async Task MakeAccountAsync(string saslpasswd)
    {
        string[] arguments = ["-p", "-c", "-f", _folder.File("sasldb2"), "-u", Realm, UserName];
        var start = new ProcessStartInfo(saslpasswd, arguments) { RedirectStandardInput = true };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(Password);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private string Main() => $"""
        compatibility_level = 3.6
        command_directory = /usr/sbin
        daemon_directory = /usr/lib/postfix/sbin
        shlib_directory = /usr/lib/postfix
        meta_directory = /etc/postfix
        mail_owner = postfix
        setgid_group = postdrop
        sendmail_path = /usr/sbin/sendmail
        newaliases_path = /usr/bin/newaliases
        mailq_path = /usr/bin/mailq
        queue_directory = {_folder.File("queue")}
        data_directory = {_folder.File("data")}
        maillog_file = {_folder.File("mail.log")}
        maillog_file_prefixes = {_folder.Path}
        myhostname = {Realm}
        mydestination =
        mynetworks = 127.0.0.0/8
        inet_protocols = ipv4
        alias_maps =
        alias_database =
        local_recipient_maps =
        default_transport = discard
        smtpd_peername_lookup = no
        smtpd_tls_loglevel = 1
        smtpd_sasl_type = cyrus
        smtpd_sasl_local_domain = {Realm}
        smtpd_sasl_security_options = noanonymous
        smtpd_recipient_restrictions = permit_mynetworks, reject

        """;

    private string Master() => string.Join('\n', _services) + """

        cleanup     unix  n       -       n       -       0       cleanup
        qmgr        unix  n       -       n       300     1       qmgr
        tlsmgr      unix  -       -       n       1000?   1       tlsmgr
        rewrite     unix  -       -       n       -       -       trivial-rewrite
        bounce      unix  -       -       n       -       0       bounce
        defer       unix  -       -       n       -       0       bounce
        trace       unix  -       -       n       -       0       bounce
        proxymap    unix  -       -       n       -       -       proxymap
        discard     unix  -       -       n       -       -       discard
        retry       unix  -       -       n       -       -       error
        anvil       unix  -       -       n       -       1       anvil
        postlog     unix-dgram n  -       n       -       1       postlogd

        """;
}
