using Postern.Mail;
using RocksDbSharp;

namespace Postern.Spool.Tests;

/// <summary>What it costs to read one message does not grow with the mail that has passed it.</summary>
public sealed class ReadCostTests
{
    // PerfLevel::kEnableCount and rocksdb_internal_delete_skipped_count of RocksDB's C interface.
    private const int Counts = 2;
    private const int DeletionsWalked = 11;

    [Fact]
    public async Task A_message_that_waits_is_read_without_walking_what_was_delivered_behind_it()
    {
        using var folder = new TestFolder();
        await using var spool = folder.Open();
        await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()), []);
        for (var passed = 0; passed < 100; passed++)
        {
            var message = Samples.Message(spool.NextMid());
            await Samples.CommitAsync(spool, message, []);
            var gone = new SpoolChange();
            gone.Finished.Add((message.Mid, new Rid(0)));
            gone.Removed.Add(message.Mid);
            await spool.CommitAsync(gone);
        }

        var (waits, all) = (new Mid(1), new Mid(long.MaxValue));
        Assert.Equal((1, 0UL), Walked(() => spool.ReadQueue(waits, waits).Count()));
        // All that is behind it is walked by who reads all: the count would be seen.
        var (found, walked) = Walked(() => spool.ReadQueue(waits, all).Count());
        Assert.Equal(1, found);
        Assert.True(walked >= 100, $"{walked} deletions");
    }

    // RocksDB counts for each thread.
    private static (int Found, ulong Deletions) Walked(Func<int> read)
    {
        var context = Native.Instance.rocksdb_perfcontext_create();
        Native.Instance.rocksdb_set_perf_level(Counts);
        try
        {
            Native.Instance.rocksdb_perfcontext_reset(context);
            return (read(), (ulong)Native.Instance.rocksdb_perfcontext_metric(context, DeletionsWalked));
        }
        finally
        {
            Native.Instance.rocksdb_set_perf_level(1);
            Native.Instance.rocksdb_perfcontext_destroy(context);
        }
    }
}
