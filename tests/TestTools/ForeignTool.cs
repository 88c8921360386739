namespace TestTools;

/// <summary>
/// Programs that others wrote and tests use as clients, hosts and witnesses. A test that needs one is skipped with a
/// reason where it is missing; on Debian <c>.ci/run</c> installs them all.
/// </summary>
internal sealed record ForeignTool(string Name, string Package)
{
    // System administrators' programs are outside of the PATH of ordinary users on Debian.
    private static readonly string[] MoreFolders = ["/usr/sbin", "/sbin", "/usr/local/sbin"];

    /// <summary>Sends messages over many connections.</summary>
    public static readonly ForeignTool SmtpSource = new("smtp-source", "postfix");

    /// <summary>Takes messages and throws them away.</summary>
    public static readonly ForeignTool SmtpSink = new("smtp-sink", "postfix");

    /// <summary>A mail client for one message at a time.</summary>
    public static readonly ForeignTool Swaks = new("swaks", "swaks");

    /// <summary>Shows the system calls of a process.</summary>
    public static readonly ForeignTool Strace = new("strace", "strace");

    /// <summary>Makes a file system.</summary>
    public static readonly ForeignTool MakeFileSystem = new("mkfs.ext4", "e2fsprogs");

    /// <summary>A drive, served over a socket, with a volatile cache where one is wanted.</summary>
    public static readonly ForeignTool Nbdkit = new("nbdkit", "nbdkit");

    /// <summary>Makes a file of what nbdkit serves.</summary>
    public static readonly ForeignTool NbdFuse = new("nbdfuse", "libnbd-bin");

    /// <summary>Runs a program whose syncs do nothing and say that they did.</summary>
    public static readonly ForeignTool EatMyData = new("eatmydata", "eatmydata");

    /// <summary>A DNS server.</summary>
    public static readonly ForeignTool Unbound = new("unbound", "unbound");

    /// <summary>A client of HTTP and SMTP.</summary>
    public static readonly ForeignTool Curl = new("curl", "curl");

    /// <summary>Reads messages and reports with a parser of its own.</summary>
    public static readonly ForeignTool Python = new("python3", "python3");

    /// <summary>A mail server, with smtpd that does TLS and asks Cyrus SASL for AUTH.</summary>
    public static readonly ForeignTool Postfix = new("postfix", "postfix");

    /// <summary>Makes accounts for Cyrus SASL.</summary>
    public static readonly ForeignTool SaslPassword = new("saslpasswd2", "sasl2-bin");

    /// <summary>The full path of the program; skips the running test where it is missing.</summary>
    public string Require()
    {
        var path = Find();
        Assert.SkipUnless(path is not null, $"{Name} is not installed (Debian package {Package})");
        return path!;
    }

    private string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(MoreFolders)
            .Select(folder => Path.Combine(folder, Name))
            .FirstOrDefault(File.Exists);
}
