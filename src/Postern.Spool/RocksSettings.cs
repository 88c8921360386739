using RocksDbSharp;

namespace Postern.Spool;

/// <summary>
/// How the store is opened. docs/design/spool.md and docs/decisions/0001-rocksdb.md give the measurements.
/// </summary>
internal static class RocksSettings
{
    /// <summary>
    /// The size of a memtable in octets; with <see cref="WriteBuffers"/> the most that unwritten data takes.
    /// </summary>
    private const nuint WriteBufferOctets = 8 << 20;

    /// <summary>How many memtables there may be; when all are full, writers wait for the disk.</summary>
    private const int WriteBuffers = 4;

    private const nuint BlockCacheOctets = 4 << 20;

    /// <summary><c>kTwoLevelIndexSearch</c> of RocksDB.</summary>
    private const int TwoLevelIndex = 2;

    private const int MaxOpenFiles = 256;

    private const int MergedFiles = 8;

    /// <summary>What is read again at open is at most this and one memtable.</summary>
    private const ulong MaxWalOctets = 128 << 20;

    /// <summary>The options of the store; destroy them after the opening.</summary>
    public static nint Create(WalReading reading)
    {
        var native = Native.Instance;
        var options = native.rocksdb_options_create();
        native.rocksdb_options_set_create_if_missing(options, 1);
        native.rocksdb_options_set_paranoid_checks(options, 1);

        // A record cut off at the end of the WAL is dropped: no sync had covered it. Anything else that cannot be read
        // fails the opening, where the default would silently drop all acknowledged mail behind it; WalScan then finds
        // out whether it is a tail that a power cut left half written.
        native.rocksdb_options_set_wal_recovery_mode(options, reading switch
        {
            WalReading.SkipsDamage => Recovery.SkipAnyCorruptedRecords,
            WalReading.DropsTornTail => Recovery.PointInTime,
            _ => Recovery.TolerateCorruptedTailRecords,
        });
        native.rocksdb_options_set_track_and_verify_wals_in_manifest(
            options, (byte)(reading == WalReading.SkipsDamage ? 0 : 1));

        // After a failed write nothing is retried on the same files (hardening §1.3): Postern closes and opens again.
        native.rocksdb_options_set_max_bgerror_resume_count(options, 0);

        // What was read back from a WAL goes at once into new, synced files, because after a failed sync the page cache
        // may show octets that the disk does not have.
        native.rocksdb_options_set_avoid_flush_during_recovery(options, 0);

        SetMemory(native, options);
        SetFiles(native, options);

        // All tables are opened at once, so that one that cannot be is found before anything is read.
        if (reading == WalReading.SkipsDamage) native.rocksdb_options_set_max_open_files(options, -1);
        return options;
    }

    private static void SetMemory(Native native, nint options)
    {
        NativeHeap.ShareOne();
        native.rocksdb_options_set_write_buffer_size(options, WriteBufferOctets);
        native.rocksdb_options_set_max_write_buffer_number(options, WriteBuffers);

        // Two memtables at a time: a message that was delivered before they are written leaves only a tombstone.
        native.rocksdb_options_set_min_write_buffer_number_to_merge(options, 2);

        // There is one writer, the committer, so that locks for several would only cost.
        native.rocksdb_options_set_allow_concurrent_memtable_write(options, 0);
        native.rocksdb_options_set_max_total_wal_size(options, MaxWalOctets);

        var table = native.rocksdb_block_based_options_create();
        var cache = native.rocksdb_cache_create_lru(BlockCacheOctets);
        native.rocksdb_block_based_options_set_block_cache(table, cache);
        native.rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);

        // The index in pieces of one block: to find a message in a full queue needs two of them, where the index of a
        // whole file has hundreds of kilobytes and would have to be read, or kept.
        native.rocksdb_block_based_options_set_index_type(table, TwoLevelIndex);
        native.rocksdb_block_based_options_set_partition_filters(table, 1);
        native.rocksdb_block_based_options_set_pin_top_level_index_and_filter(table, 1);

        // Around a bad block records are found by their keys alone, and each that the filter of its table takes for one
        // of its own is in doubt: one in 2,000 by 16 bits, one in 100 by the usual 10.
        native.rocksdb_block_based_options_set_filter_policy(table, native.rocksdb_filterpolicy_create_bloom_full(16));
        native.rocksdb_options_set_block_based_table_factory(options, table);
        native.rocksdb_cache_destroy(cache);
        native.rocksdb_block_based_options_destroy(table);
    }

    private static void SetFiles(Native native, nint options)
    {
        // Mail is often compressed already, and CPU is what a gateway has least of.
        native.rocksdb_options_set_compression(options, Compression.No);
        native.rocksdb_options_set_max_open_files(options, MaxOpenFiles);
        native.rocksdb_options_set_max_background_jobs(options, 2);

        // Bodies come with growing MIDs and go soon: merging more new files at a time copies the older ones less often.
        native.rocksdb_options_set_level0_file_num_compaction_trigger(options, MergedFiles);
        native.rocksdb_options_set_skip_stats_update_on_db_open(options, 1);

        // Long uploads are handed to the disk as they come, so that no sync has to wait for all of them at once.
        native.rocksdb_options_set_wal_bytes_per_sync(options, 1 << 20);
        native.rocksdb_options_set_bytes_per_sync(options, 1 << 20);

        // RocksDB's own log: warnings, four files of 1 MB.
        native.rocksdb_options_set_info_log_level(options, 2);
        native.rocksdb_options_set_keep_log_file_num(options, (nuint)4);
        native.rocksdb_options_set_max_log_file_size(options, (nuint)(1 << 20));
        native.rocksdb_options_set_stats_dump_period_sec(options, 0);
        native.rocksdb_options_set_max_manifest_file_size(options, (nuint)(16 << 20));
    }
}
