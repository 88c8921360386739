using Postern.Mail;

namespace Postern.Reporting;

/// <summary>One of the two files with its form of an event and its batch. For the writer's thread alone.</summary>
/// <param name="path">The file.</param>
/// <param name="options">How it is written.</param>
/// <param name="time">The clock.</param>
/// <param name="defect">Takes a defect of ours.</param>
internal abstract class LogOutput(string path, MailLogOptions options, TimeProvider time, Action<Exception> defect)
    : IDisposable
{
    private int _events;
    private long _unreported;

    /// <summary>The batch.</summary>
    public LogBuffer Batch { get; } = new();

    /// <summary>The file.</summary>
    public LogFile File { get; } = new(path, options, time);

    /// <summary>Something waits for the file.</summary>
    public bool IsBehind => File.IsPending || _unreported > 0;

    /// <summary>
    /// Adds an event to the batch. An event that cannot be put into its form is a defect of ours, and costs the event,
    /// not the log.
    /// </summary>
    public void Add(DateTimeOffset at, MailEvent mailEvent)
    {
        var before = Batch.Length;
        try
        {
            Form(at, mailEvent);
            _events++;
        }
        catch (Exception error)
        {
            Batch.CutTo(before);
            defect(error);
        }
    }

    /// <summary>Events were lost before they came here.</summary>
    public void Missed(long events) => _unreported += events;

    /// <summary>
    /// Writes the batch, or remembers it. Behind it, as soon as the file takes lines, stands how many events are
    /// missing.
    /// </summary>
    /// <param name="now">Try at once, even if the file failed a moment ago.</param>
    /// <param name="at">The time.</param>
    /// <returns>Events that are lost.</returns>
    public int Write(bool now, DateTimeOffset at)
    {
        File.Retry(now);
        var lost = WriteBatch();
        _unreported += lost;
        if (_unreported == 0 || File.IsPending) return lost;
        Add(at, new EventsNotLogged(_unreported));
        _unreported = 0;
        return lost + WriteBatch();
    }

    private int WriteBatch()
    {
        var lost = Batch.Length == 0 ? 0 : File.Append(Batch.Written, _events);
        Batch.Clear(keep: 1024 * 1024);
        _events = 0;
        return lost;
    }

    /// <inheritdoc/>
    public virtual void Dispose() => File.Dispose();

    /// <summary>Writes the form of the event into the batch.</summary>
    protected abstract void Form(DateTimeOffset at, MailEvent mailEvent);
}

/// <summary><c>mail.log</c></summary>
internal sealed class TextOutput : LogOutput
{
    private readonly TextForms _forms;

    public TextOutput(MailLogOptions options, TimeProvider time, Action<Exception> defect)
        : base(Path.Combine(options.Folder, "mail.log"), options, time, defect) =>
        _forms = new TextForms(new TextLine(Batch, time));

    protected override void Form(DateTimeOffset at, MailEvent mailEvent) => _forms.Write(at, mailEvent);
}

/// <summary><c>mail.json</c></summary>
internal sealed class JsonOutput : LogOutput
{
    private readonly JsonForms _forms;

    public JsonOutput(MailLogOptions options, TimeProvider time, Action<Exception> defect)
        : base(Path.Combine(options.Folder, "mail.json"), options, time, defect) =>
        _forms = new JsonForms(Batch, time);

    public override void Dispose()
    {
        _forms.Dispose();
        base.Dispose();
    }

    protected override void Form(DateTimeOffset at, MailEvent mailEvent) => _forms.Write(at, mailEvent);
}
