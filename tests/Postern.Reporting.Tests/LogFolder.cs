using Microsoft.Extensions.Time.Testing;

namespace Postern.Reporting.Tests;

/// <summary>A folder for one test, with a clock that stands at <see cref="Samples.At"/> in Rome.</summary>
internal sealed class LogFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("postern-log-").FullName;

    public LogFolder() => Clock.SetLocalTimeZone(Samples.Rome);

    public FakeTimeProvider Clock { get; } = new(Samples.At);

    /// <summary>The folder of the log, which does not exist yet.</summary>
    public string Logs => Path.Combine(_root, "logs");

    public string MailLogPath => Path.Combine(Logs, "mail.log");

    public string JsonPath => Path.Combine(Logs, "mail.json");

    public MailLogOptions Options => new() { Folder = Logs };

    public MailLog Open(MailLogOptions? options = null) => new(options ?? Options, Clock);

    public string[] Lines => Read(MailLogPath);

    /// <summary>The lines of a file, which must end with a line feed.</summary>
    public static string[] Read(string path)
    {
        var text = File.ReadAllText(path);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        return text[..^1].Split('\n');
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
