using Postern.Mail;

namespace Postern.Spool.Tests;

/// <summary>Opening: who may look in, what is said when it cannot be, and that bodies stay on the disk.</summary>
public sealed class OpeningTests
{
    [Fact]
    public async Task A_new_store_says_so_once_and_only_its_owner_may_enter()
    {
        using var folder = new TestFolder();
        await using (var spool = folder.Open())
        {
            Assert.True(spool.IsNew);
            Assert.True(spool.IsOpen);
            Assert.Empty(spool.ReadQueue());
        }
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(Owner, File.GetUnixFileMode(folder.Path));
            // As an operator who has copied it back leaves it.
            File.SetUnixFileMode(folder.Path, Owner | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
        await using var again = folder.Open();
        Assert.False(again.IsNew);
        if (!OperatingSystem.IsWindows()) Assert.Equal(Owner, File.GetUnixFileMode(folder.Path));
    }

    [Fact]
    public async Task A_second_process_is_told_to_stop_the_first()
    {
        using var folder = new TestFolder();
        using var child = ChildProcess.Start("hold", folder.Path);
        await child.ReadUntilAsync("open");
        var error = Assert.Throws<SpoolException>(folder.Open);
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains(
            $"a gateway (process {child.Id}) has the spool in {folder.Path} open; stop it first", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_go_on_without_a_gap_after_an_orderly_end()
    {
        using var folder = new TestFolder();
        await using (var spool = folder.Open())
        {
            Assert.Equal((1L, 1L, 1L), (spool.NextMid().Value, spool.NextIcid().Value, spool.NextDcid().Value));
            Assert.Equal(2L, spool.NextMid().Value);
        }
        await using var again = folder.Open();
        Assert.Equal((3L, 2L, 2L), (again.NextMid().Value, again.NextIcid().Value, again.NextDcid().Value));
    }

    [Fact]
    public async Task Ids_are_unique_beyond_the_first_block_and_for_many_threads()
    {
        using var folder = new TestFolder();
        await using var spool = folder.Open();
        var ids = new long[4][];
        for (var round = 0; round < 8; round++)
        {
            // A round takes less than the half block that is always reserved ahead; the commit reserves the next.
            await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
                ids[thread] = [.. ids[thread] ?? [], .. Enumerable.Range(0, 5000).Select(_ => spool.NextMid().Value)]
                )));
            await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()), []);
        }
        Assert.Distinct(ids.SelectMany(id => id));
    }

    [Fact]
    public async Task Starting_reads_the_queue_and_not_the_bodies()
    {
        using var folder = new TestFolder();
        const int Messages = 3000;
        await using (var spool = folder.Open())
        {
            await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(async () =>
            {
                for (var i = 0; i < Messages / 40; i++)
                    await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()), Samples.Body(i, 60_000));
            })));
        }
        var before = OctetsReadByThisThread();
        await using var again = folder.Open();
        Assert.Equal(Messages, again.ReadQueue().Count());
        // 180 MB of bodies; what was in the WAL is read back, which the size of the memtables bounds.
        Assert.InRange(OctetsReadByThisThread() - before, 0, 60_000_000);
    }

    [Fact]
    public async Task A_damaged_record_is_reported_and_the_rest_is_read()
    {
        using var folder = new TestFolder();
        await using (var spool = folder.Open())
        {
            for (var i = 0; i < 6; i++)
                await Samples.CommitAsync(spool, Samples.Message(spool.NextMid(), recipients: 2), Samples.Body(i, 100));
        }
        RawStore.Write(folder, batch =>
        {
            Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
            batch.Put(KeyLayout.Envelope(key, new Mid(2)), [1, 2, 3]);
            batch.Put(KeyLayout.State(key, new Mid(4), new Rid(1)), [9]);
            batch.Delete(KeyLayout.Envelope(key, new Mid(6)));
            batch.Put(KeyLayout.State(key, new Mid(6), new Rid(1)), StateCodec.Finished);
        });
        await using var again = folder.Open();
        Assert.Equal([1L, 3, 5], again.ReadQueue().Select(message => message.Mid.Value));
        Assert.Equal([2L, 4, 6], again.Damaged.Select(damaged => damaged.Mid.Value));
    }

    private static long OctetsReadByThisThread() =>
        long.Parse(File.ReadLines("/proc/thread-self/io").First()["rchar: ".Length..],
            System.Globalization.CultureInfo.InvariantCulture);
}
