namespace Postern.Admin.Auditing;

/// <summary>
/// An entry of the audit log: who did what, from where, and what became of it. Immutable. Secrets are masked before an
/// entry is made.
/// </summary>
public sealed record AuditEntry
{
    /// <summary>From 1, without a gap; given by the log. 0: the line is no entry, and stands in the detail.</summary>
    public long Number { get; init; }

    /// <summary>When it ended; given by the log.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The account, the token, or the user of the system that ran a command.</summary>
    public required string Who { get; init; }

    /// <summary>The address of the client; <c>command</c>: on this machine, without the API.</summary>
    public required string From { get; init; }

    /// <summary>The name of the operation, as in the description of the API, or the command.</summary>
    public required string Action { get; init; }

    /// <summary>What it was asked with, by the names of the parameters; null: nothing.</summary>
    public IReadOnlyDictionary<string, string>? Parameters { get; init; }

    /// <summary>What it replaced; null: nothing, or not known.</summary>
    public string? Before { get; init; }

    /// <summary>What stands there now, or how much was changed; null: nothing.</summary>
    public string? After { get; init; }

    /// <summary>What became of it.</summary>
    public AuditResult Result { get; init; }

    /// <summary>Why it was refused or failed, in a sentence; null: it was not.</summary>
    public string? Detail { get; init; }

    /// <summary>The trace id of the request, which its answer has, too; null: there was none.</summary>
    public string? Request { get; init; }

    /// <summary>
    /// The SHA-256 of the line before, without its line feed, in hexadecimal digits; 64 zeros in the first. Given by
    /// the log.
    /// </summary>
    public string Previous { get; init; } = "";
}

/// <summary>What became of an action.</summary>
public enum AuditResult
{
    /// <summary>It was done.</summary>
    Done,
    /// <summary>It was not allowed, or asked for wrongly; nothing was changed.</summary>
    Refused,
    /// <summary>It was begun, and did not come to its end; a part may have been changed.</summary>
    Failed,
}

/// <summary>A page of entries, the newest first.</summary>
/// <param name="Entries">Entries.</param>
/// <param name="Next">What <c>before</c> the next page has; null: there are no older ones.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, string? Next);

/// <summary>What a walk through the chain of hashes found.</summary>
/// <param name="IsWhole">Every line is an entry and carries the hash of the one before, and that which was noted is
/// there.</param>
/// <param name="First">The number of the first entry that is there; 0: there is none.</param>
/// <param name="Last">The number of the last one that is right; 0: there is none.</param>
/// <param name="LastHash">The hash of its line: noted elsewhere, it proves later that nothing before it was changed.
/// </param>
/// <param name="File">The file with the first line that is wrong; null: no line is.</param>
/// <param name="Line">Its number in that file, from 1; 0: none is wrong.</param>
/// <param name="Fault">What is wrong with it, or with the log where no line is wrong; null: nothing.</param>
/// <param name="Unfinished">Octets behind the last line feed: a crash cut them, and the next entry says so.</param>
public sealed record AuditVerification(
    bool IsWhole, long First, long Last, string LastHash, string? File, long Line, string? Fault, long Unfinished)
{
    /// <summary>The text can be the hash of a line: SHA-256 in lower-case hexadecimal digits.</summary>
    public static bool IsHash(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == AuditLine.NoHash.Length && text.All(char.IsAsciiHexDigitLower);
    }
}
