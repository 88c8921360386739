using Postern.Mail;

namespace Postern.Spool;

/// <summary>What a verification found. Immutable.</summary>
public sealed record SpoolReport
{
    /// <summary>Messages whose records can be read.</summary>
    public required long Messages { get; init; }

    /// <summary>Their recipients without a final result.</summary>
    public required long Recipients { get; init; }

    /// <summary>Octets of their bodies.</summary>
    public required long Octets { get; init; }

    /// <summary>Bodies that were coming in at a crash; the next start deletes them.</summary>
    public required long Uploads { get; init; }

    /// <summary>Messages that were answered 451 and that the next start deletes.</summary>
    public required long Refused { get; init; }

    /// <summary>How many faults there are.</summary>
    public required long FaultCount { get; init; }

    /// <summary>The first of them, at most <see cref="MaxFaults"/>.</summary>
    public required IReadOnlyList<SpoolFault> Faults { get; init; }

    /// <summary>How many faults are kept.</summary>
    public const int MaxFaults = 1000;
}

/// <summary>One thing that is wrong in the store. Immutable.</summary>
/// <param name="Mid">The message that is affected; null: the store itself.</param>
/// <param name="Reason">What is wrong with which record.</param>
/// <param name="Consequence">What becomes of the message.</param>
public sealed record SpoolFault(Mid? Mid, string Reason, string Consequence)
{
    /// <summary>The consequence where a content is lost, which no repair brings back.</summary>
    public const string Held = "it is held: its content cannot be sent";
}

/// <summary>What the store holds, without its bodies being read. Immutable.</summary>
public sealed record SpoolStatistics
{
    /// <summary>Messages.</summary>
    public required long Messages { get; init; }

    /// <summary>Octets of their bodies.</summary>
    public required long Octets { get; init; }

    /// <summary>Recipients without a final result, by why they wait; those not tried yet wait for
    /// <see cref="WaitReason.None"/>.</summary>
    public required IReadOnlyDictionary<WaitReason, long> Recipients { get; init; }

    /// <summary>The message that was accepted first; null: there is none.</summary>
    public required StoredMessage? Oldest { get; init; }

    /// <summary>MIDs whose records cannot be read: no more messages than that are lost.</summary>
    public required long Damaged { get; init; }

    /// <summary>Bodies that come in; without a gateway those of a crash, which the next start deletes.</summary>
    public required long Uploads { get; init; }

    /// <summary>Octets of the log of RocksDB that the next start reads back.</summary>
    public required long WalOctets { get; init; }

    /// <summary>Octets of its tables.</summary>
    public required long TableOctets { get; init; }

    /// <summary>Octets that are free on the disk.</summary>
    public required long FreeOctets { get; init; }

    private const int MessagesATold = 10_000;

    // The store is held for a page at a time, so that a gateway goes on meanwhile.
    internal static SpoolStatistics Of(Func<RocksStore?> store, string folder, Action<long>? progress = null)
    {
        long messages = 0, octets = 0, damaged = 0, uploads = 0;
        var recipients = Enum.GetValues<WaitReason>().ToDictionary(reason => reason, _ => 0L);
        StoredMessage? oldest = null;
        var scan = new QueueScan(store, record => damaged += record.Count);
        foreach (var message in scan.Read(default, new Mid(long.MaxValue)))
        {
            (messages, octets) = (messages + 1, octets + message.Size);
            if (messages % MessagesATold == 0) progress?.Invoke(messages);
            foreach (var recipient in message.Recipients) recipients[recipient.State.Reason]++;
            if (oldest is null || message.Accepted < oldest.Accepted) oldest = message;
        }
        MailSpool.Scan(store(), KeyLayout.FirstUpload, KeyLayout.AfterUploads, (_, _) => ++uploads > 0);
        return new SpoolStatistics
        {
            Messages = messages,
            Octets = octets,
            Recipients = recipients,
            Oldest = oldest,
            Damaged = damaged,
            Uploads = uploads,
            WalOctets = OctetsOf(folder, "*.log"),
            TableOctets = OctetsOf(folder, "*.sst"),
            FreeOctets = new DriveInfo(folder).AvailableFreeSpace,
        };
    }

    private static long OctetsOf(string folder, string pattern) =>
        new DirectoryInfo(StoreOpening.FolderIn(folder)).EnumerateFiles(pattern).Sum(LengthOf);

    // RocksDB deletes files while they are counted.
    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
