namespace Postern.Reporting;

/// <summary>
/// What <see cref="MailLog"/> is told (<c>[log]</c> and <c>data</c> of the configuration). Immutable.
/// </summary>
public sealed record MailLogOptions
{
    /// <summary>The folder of the files, <c>&lt;data&gt;/logs</c>; made when it is missing.</summary>
    public required string Folder { get; init; }

    /// <summary>True: <c>mail.json</c> beside <c>mail.log</c>. Default false.</summary>
    public bool Json { get; init; }

    /// <summary>Octets a file may have before it is rotated; default 100,000,000.</summary>
    public long RotateSize { get; init; } = 100_000_000;

    /// <summary>Days after which a rotated file is deleted; default 30.</summary>
    public int KeepDays { get; init; } = 30;

    /// <summary>
    /// Events that may wait for the writer, 100,000 unless told: about 7,000 messages, some tens of megabytes at the
    /// very most. Read once, when the log is made.
    /// </summary>
    public int QueueLength { get; init; } = 100_000;
}
