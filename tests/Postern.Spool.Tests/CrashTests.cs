namespace Postern.Spool.Tests;

/// <summary>Contract §4: after the commit a message survives <c>kill -9</c>; ids keep growing.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task After_each_kill_every_commit_is_there_every_removal_is_done_and_ids_grow()
    {
        using var folder = new TestFolder();
        var committed = new HashSet<long>();
        var going = new HashSet<long>();
        var highest = 0L;
        for (var round = 1; round <= 4; round++)
        {
            using var child = ChildProcess.Start("fill", folder.Path);
            for (var i = 0; i < 50 * round; i++)
                await child.ReadUntilAsync("ok");
            child.Kill();
            await child.ReadToEndAsync();

            var ids = child.Numbers("id");
            Assert.True(ids.Min() > highest);
            Assert.Distinct(ids);
            highest = ids.Max();
            committed.UnionWith(child.Numbers("ok"));
            going.UnionWith(child.Numbers("going"));
            committed.ExceptWith(child.Numbers("gone"));
            Assert.Empty(child.Numbers("gone").Intersect(await CheckAsync(folder, committed, going)));
        }
    }

    [Fact]
    public async Task Half_a_body_of_a_client_that_left_by_a_crash_is_gone_after_the_start()
    {
        using var folder = new TestFolder();
        using (var child = ChildProcess.Start("upload", folder.Path))
        {
            await child.ReadUntilAsync("open");
            child.Kill();
        }
        // Before the start: the message, its body, four pieces of the half, its mark, and four records of the store.
        using (var copy = folder.Copy())
            Assert.Equal(15, RawStore.Keys(copy).Count);
        await using (var spool = folder.Open())
            Assert.Equal([2L], spool.ReadQueue().Select(message => message.Mid.Value));
        Assert.Equal(10, RawStore.Keys(folder).Count);
    }

    [Fact]
    public async Task A_client_that_leaves_half_way_leaves_nothing()
    {
        using var folder = new TestFolder();
        await using (var spool = folder.Open())
        {
            await using (var writer = spool.BeginMessage(spool.NextMid()))
                await writer.AppendAsync(Samples.Body(1, 300_000), CancellationToken.None);
            await using (var writer = spool.BeginMessage(spool.NextMid()))
                await writer.AppendAsync(Samples.Body(1, 300), CancellationToken.None);
        }
        Assert.Equal(8, RawStore.Keys(folder).Count);
    }

    [Fact]
    public async Task A_record_that_a_power_cut_cut_off_is_dropped_and_the_rest_opens()
    {
        using var folder = await KilledAsync();
        using (var wal = File.OpenWrite(folder.NewestWal()))
            wal.SetLength(wal.Length - 3);
        await using var spool = folder.Open();
        Assert.Equal([1L, 2, 3, 4], spool.ReadQueue().Select(message => message.Mid.Value));
    }

    [Theory]
    [InlineData(1, 0x00)]
    [InlineData(100, 0x00)]
    [InlineData(15_000, 0x5A)]
    public async Task A_tail_that_a_power_cut_left_half_written_is_dropped_and_the_rest_opens(int octets, byte content)
    {
        using var folder = await KilledAsync();
        using (var wal = File.OpenWrite(folder.NewestWal()))
        {
            wal.Seek(-octets, SeekOrigin.End);
            wal.Write(Enumerable.Repeat(content, octets).ToArray());
        }
        await using (var spool = folder.Open())
        {
            Assert.Equal([1L, 2, 3, 4], spool.ReadQueue().Select(message => message.Mid.Value));
            await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()), []);
        }
        await using var again = folder.Open();
        Assert.Equal(5, again.ReadQueue().Count());
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.6)]
    public async Task A_hole_in_acknowledged_mail_is_reported_with_the_folder_and_a_remedy(double where)
    {
        using var folder = await KilledAsync();
        using (var wal = File.Open(folder.NewestWal(), FileMode.Open))
        {
            wal.Seek((long)(wal.Length * where), SeekOrigin.Begin);
            wal.Write(new byte[8]);
        }
        var error = Assert.Throws<SpoolException>(folder.Open);
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("backup", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Five messages, committed one after the other, as they lie on the disk of a running spool.</summary>
    private static async Task<TestFolder> KilledAsync()
    {
        using var running = new TestFolder();
        await using var spool = running.Open();
        for (var i = 0; i < 5; i++)
            await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()), Samples.Body(i, 20_000));
        return running.Copy();
    }

    private static async Task<List<long>> CheckAsync(TestFolder folder, HashSet<long> committed, HashSet<long> going)
    {
        await using var spool = folder.Open();
        var queue = spool.ReadQueue().Select(message => message.Mid).ToList();
        Assert.Subset(queue.Select(mid => mid.Value).ToHashSet(), committed.Except(going).ToHashSet());
        foreach (var mid in queue)
            Assert.Equal(Samples.Body((int)mid.Value, 3000), Samples.ReadBody(spool, mid));
        Assert.Empty(spool.Damaged);
        return queue.Select(mid => mid.Value).ToList();
    }
}
