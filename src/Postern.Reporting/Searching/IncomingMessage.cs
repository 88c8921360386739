namespace Postern.Reporting.Searching;

/// <summary>A message whose lines are looked at while it comes in, and what of a query was not seen yet.</summary>
/// <param name="query">What is looked for.</param>
/// <param name="start">Where it begins.</param>
internal sealed class IncomingMessage(LogQuery query, LogSpot start)
{
    private LogText? sender = query.Sender;
    private LogText? recipient = query.Recipient;
    private LogText? subject = query.Subject;

    /// <summary>Where it begins.</summary>
    public LogSpot Start => start;

    /// <summary>When it began, as its first line has it.</summary>
    public DateTime Local { get; private init; }

    /// <summary>It is what is looked for.</summary>
    public bool IsFound => sender is null && recipient is null && subject is null;

    /// <summary>It has come in, or was aborted.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Looks at its first line; null: it is not what is looked for.</summary>
    public static IncomingMessage? Begin(LogQuery query, LogLine line, LogSpot start, LocalTimes times)
    {
        if (query.Mid is { } mid && line.Mid != mid) return null;
        if (query.Icid is { } icid && line.Icid != icid) return null;
        _ = line.TryReadTime(out var local);
        return times.IsWithin(local, query.Since, query.Until)
            ? new IncomingMessage(query, start) { Local = local } : null;
    }

    /// <summary>Looks at a further line of it.</summary>
    public void Look(LogLine line)
    {
        if (sender?.IsIn(LogFields.From(line)) ?? false) sender = null;
        if (recipient?.IsIn(LogFields.To(line)) ?? false) recipient = null;
        if (subject?.IsIn(LogFields.Subject(line)) ?? false) subject = null;
        IsOver = line.Kind is LogLineKind.Queued or LogLineKind.Aborted;
    }
}
