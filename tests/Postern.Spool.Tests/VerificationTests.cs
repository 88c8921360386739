using Postern.Mail;

namespace Postern.Spool.Tests;

/// <summary>`spool verify` and `spool stats`: what they find, that they change nothing, and who is kept out.</summary>
public sealed class VerificationTests
{
    private const int Octets = 150_000;

    [Fact]
    public async Task A_store_as_a_crash_leaves_it_is_whole_and_stays_as_it_is()
    {
        using var folder = await CrashedAsync();
        var before = Files(folder);
        using (var inspection = SpoolInspection.Open(folder.Path))
        {
            var report = inspection.Verify();
            Assert.Empty(report.Faults);
            Assert.Equal((3, 5, 1), (report.Messages, report.Recipients, report.Uploads));

            var found = inspection.Count();
            Assert.Equal((3L, 3L * Octets), (found.Messages, found.Octets));
            Assert.Equal((4L, 1L), (found.Recipients[WaitReason.None], found.Recipients[WaitReason.Host]));
            Assert.Equal(1, found.Oldest!.Mid.Value);
            using var body = inspection.OpenBody(new Mid(2));
            Assert.Equal(Octets, body.Length);
        }
        Assert.Equal(before, Files(folder));
    }

    [Fact]
    public async Task Every_record_that_does_not_fit_is_named_with_its_message()
    {
        using var folder = new TestFolder();
        await using (var spool = folder.Open())
        {
            for (var mid = 1; mid <= 9; mid++) await CommitAsync(spool);
        }
        RawStore.Write(folder, batch =>
        {
            Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
            batch.Put(KeyLayout.Envelope(key, new Mid(1)), [1, 2, 3]);
            batch.Put(KeyLayout.State(key, new Mid(2), new Rid(1)), [9]);
            batch.Delete(KeyLayout.Chunk(key, new Mid(3), 1));
            batch.Put(KeyLayout.Chunk(key, new Mid(4), 2), [1]);
            for (var chunk = 0; chunk < 3; chunk++) batch.Delete(KeyLayout.Chunk(key, new Mid(5), chunk));
            batch.Delete(KeyLayout.Envelope(key, new Mid(6)));
            batch.Put(KeyLayout.State(key, new Mid(7), new Rid(5)), StateCodec.Finished);
            batch.Put(KeyLayout.State(key, new Mid(8), new Rid(0)), StateCodec.Finished);
            batch.Put(KeyLayout.State(key, new Mid(8), new Rid(1)), StateCodec.Finished);
            IdReservation.Put(batch, IdKind.Mid, 8);
        });
        using var inspection = SpoolInspection.Open(folder.Path);
        var report = inspection.Verify();

        Assert.Equal(
        [
            "1 the record of the message is damaged",
            "2 the state of RID 1 is damaged",
            "3 its body has not the 150000 octets in 3 pieces it should",
            "4 its body has not the 150000 octets in 3 pieces it should",
            "5 its body of 150000 octets is lost",
            "6 there is a body, and no message that it belongs to",
            "7 there is a state of RID 5, and no such recipient",
            "8 no recipient is left, and the message is still there",
            "9 MIDs are reserved up to 8 only",
        ], report.Faults.Select(fault => $"{fault.Mid} {fault.Reason}").Order());
        Assert.Equal(9, report.FaultCount);
    }

    [Fact]
    public async Task One_bad_block_takes_no_more_mail_with_it_than_it_holds()
    {
        const int Messages = 500;
        using var folder = new TestFolder();
        await using (var spool = folder.Open())
        {
            for (var i = 0; i < Messages; i++)
                await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()) with { Size = 0 }, []);
        }
        // The next opening writes what the WAL holds into a table.
        await using (folder.Open()) { }
        Spoil(folder, 1.0 / 3);

        await using (var spool = folder.Open())
        {
            var read = spool.ReadQueue().Select(message => message.Mid.Value).ToList();
            var damaged = Assert.Single(spool.Damaged);
            Assert.InRange(read.Count, Messages - 100, Messages - 1);
            Assert.Contains((long)Messages, read);
            var lost = Enumerable.Range(1, Messages).Select(mid => (long)mid).Except(read).ToList();
            Assert.Equal(Enumerable.Range((int)lost[0], lost.Count).Select(mid => (long)mid), lost);
            Assert.Equal(lost[0], damaged.Mid.Value);
            Assert.EndsWith($"; MID {lost[0]} to {lost[^1]} are affected", damaged.Reason, StringComparison.Ordinal);
            var inside = new Mid(lost[lost.Count / 2]);
            Assert.ThrowsAny<SpoolException>(() => spool.ReadMessage(inside, [new Rid(0)]));
            Assert.NotNull(spool.ReadMessage(new Mid(lost[^1] + 1), [new Rid(0)]));
            Assert.Empty(spool.ReadQueue(inside, inside));
        }
        using var inspection = SpoolInspection.Open(folder.Path);
        Assert.Contains("are affected", Assert.Single(inspection.Verify().Faults).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_block_of_a_table_takes_neither_ids_nor_format_with_it()
    {
        const int Messages = 500;
        using var folder = new TestFolder();
        await using (var spool = folder.Open())
        {
            var change = Small(spool, Messages);
            await spool.CommitAsync(change);
        }
        // To open it without the spool brings all of the WAL into one table, with nothing newer beside it.
        Assert.Contains("F201", RawStore.Keys(folder));
        Spoil(folder, 0);

        long lost;
        using (var inspection = SpoolInspection.Open(folder.Path))
        {
            var report = inspection.Verify();
            Assert.Equal(2, report.FaultCount);
            Assert.Null(report.Faults[0].Mid);
            Assert.Contains("at one of their two places", report.Faults[0].Reason, StringComparison.Ordinal);
            lost = Messages - report.Messages;
            Assert.InRange(lost, 1, 100);
            Assert.Equal(1, report.Faults[1].Mid!.Value.Value);
            Assert.EndsWith($"; MID 1 to {lost} are affected", report.Faults[1].Reason, StringComparison.Ordinal);
            Assert.Equal(lost, inspection.Count().Damaged);
        }
        await using (var spool = folder.Open())
        {
            Assert.False(spool.IsNew);
            Assert.Equal(Enumerable.Range((int)lost + 1, Messages - (int)lost).Select(mid => (long)mid),
                spool.ReadQueue().Select(message => message.Mid.Value));
            Assert.Equal(Messages + 1, spool.NextMid().Value);
        }
        // The start has written both again.
        using var after = SpoolInspection.Open(folder.Path);
        Assert.Single(after.Verify().Faults);
    }

    [Fact]
    public async Task A_bad_block_at_the_end_ends_with_the_last_MID_that_was_used()
    {
        const int Messages = 500;
        using var folder = new TestFolder();
        await using (var spool = folder.Open()) await spool.CommitAsync(Small(spool, Messages));
        RawStore.Write(folder, batch => IdReservation.Put(batch, IdKind.Mid, 50_000));
        RawStore.Keys(folder);
        SpoilAtKey(folder, new Mid(Messages));
        using var inspection = SpoolInspection.Open(folder.Path);
        // The block may hold the first bodies too.
        var fault = inspection.Verify().Faults[0];
        Assert.EndsWith($"to {Messages} are affected", fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_of_one_copy_is_read_as_it_is_and_the_higher_of_two_counts()
    {
        using var folder = new TestFolder();
        await using (var spool = folder.Open()) spool.NextMid();
        RawStore.Write(folder, batch =>
        {
            foreach (var key in (byte[][])[[0xF1], [0xF2, 1], [0xF2, 2], [0xF2, 3]]) batch.Delete(key);
        });
        using (var inspection = SpoolInspection.Open(folder.Path)) Assert.Empty(inspection.Verify().Faults);
        await using (var spool = folder.Open()) Assert.Equal(2, spool.NextMid().Value);
        RawStore.Write(folder, batch => batch.Put([0xF2, 1], [0, 0, 0, 0, 0, 0, 0, 70]));
        await using (var spool = folder.Open()) Assert.Equal(71, spool.NextMid().Value);
    }

    [Fact]
    public async Task A_store_in_use_is_verified_as_it_was_when_that_began()
    {
        const int Messages = 6000;
        using var folder = new TestFolder();
        await using var spool = folder.Open();
        await spool.CommitAsync(Small(spool, Messages));
        var told = new List<long>();
        var report = spool.Verify(
            records =>
            {
                // By now most messages have been read and few of their bodies.
                told.Add(records);
                var change = Small(spool, 10);
                for (var mid = 1; mid <= Messages; mid += 2) change.Removed.Add(new Mid(mid));
                for (var mid = 2; mid <= Messages; mid += 2) change.Finished.Add((new Mid(mid), new Rid(0)));
                spool.CommitAsync(change).AsTask().GetAwaiter().GetResult();
            }, CancellationToken.None);

        Assert.Equal([10_000L], told);
        Assert.Empty(report.Faults);
        Assert.Equal((Messages, Messages, Messages * 5L), (report.Messages, report.Recipients, report.Octets));
        Assert.Equal(Messages / 2, spool.Verify(null, CancellationToken.None).FaultCount);
    }

    [Fact]
    public async Task A_verification_of_a_store_in_use_can_be_given_up()
    {
        using var folder = new TestFolder();
        await using var spool = folder.Open();
        await spool.CommitAsync(Small(spool, 200));
        Assert.Throws<OperationCanceledException>(() => spool.Verify(null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void A_store_closes_while_it_is_looked_at_and_the_look_ends()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder.Path);
        var (store, _) = RocksStore.Open(Path.Combine(folder.Path, "store"), WalReading.Strict);
        using var view = new StoreView(store);
        Assert.Equal(-1, view.Read(KeyLayout.Store, []));
        store!.Close();
        Assert.Throws<SpoolClosedException>(() => view.Read(KeyLayout.Store, []));
        Assert.Throws<SpoolClosedException>(() => view.Scan([0], [1], static (_, _) => true));
        Assert.Throws<SpoolClosedException>(() => new StoreView(store));
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(5, 9)]
    public void A_read_that_meets_a_bad_block_goes_no_further_than_it_was_asked_to(long first, long last)
    {
        var (scans, reads) = (0, 0);
        var told = new List<(Mid, Mid)>();
        new SteppingScan(
            (_, _, _) => throw new UnreadableException($"bad block {++scans}"),
            (_, _) => throw new UnreadableException($"bad block {++reads}"), static () => new Mid(1_000_000),
            (from, to, _) => told.Add((from, to)))
            .Read(KeyOf(first), KeyOf(last + 1), static (_, _) => true);
        Assert.Equal([(new Mid(first), new Mid(last))], told);
        Assert.Equal(last - first + 1, reads);
        Assert.InRange(scans, 1, reads);

        static byte[] KeyOf(long mid) => KeyLayout.MessageRange(new byte[KeyLayout.MaxLength], new Mid(mid)).ToArray();
    }

    [Fact]
    public async Task A_store_that_a_gateway_has_open_is_refused_and_one_that_is_looked_into_opens_to_no_gateway()
    {
        using var folder = new TestFolder();
        using (var gateway = ChildProcess.Start("hold", folder.Path))
        {
            await gateway.ReadUntilAsync("open");
            var refusal = Assert.Throws<SpoolException>(() => SpoolInspection.Open(folder.Path));
            Assert.Contains(
                $"a gateway (process {gateway.Id}) has the spool", refusal.Message, StringComparison.Ordinal);
        }
        using (SpoolInspection.Open(folder.Path))
        {
            using var gateway = ChildProcess.Start("hold", folder.Path);
            Assert.Contains($"(process {Environment.ProcessId}) has the spool in {folder.Path} open; wait for its end",
                await gateway.ReadUntilAsync("cannot open"), StringComparison.Ordinal);
        }
        using var again = ChildProcess.Start("hold", folder.Path);
        await again.ReadUntilAsync("open");
    }

    [Theory]
    [InlineData("hold", StoreUse.Gateway, "a gateway (process {0}) has the spool in ", "; stop it first")]
    [InlineData("look", StoreUse.Look, "another 'postern spool' (process {0}) has the spool in ", "; wait for its end")]
    [InlineData("repair", StoreUse.Repair, "a 'postern spool repair' (process {0}) has the spool in ",
        "; wait for its end")]
    public async Task Who_has_a_store_open_is_told_with_what_to_do(
        string child, StoreUse use, string holder, string remedy)
    {
        using var folder = new TestFolder();
        Assert.Null(StoreLock.HolderOf(folder.Path));
        await using (folder.Open()) { }
        Assert.Null(StoreLock.HolderOf(folder.Path));
        using (var process = ChildProcess.Start(child, folder.Path))
        {
            await process.ReadUntilAsync("open");
            Assert.Equal(new StoreHolder(use, process.Id), StoreLock.HolderOf(folder.Path));
            var looks = Assert.Throws<SpoolException>(() => SpoolInspection.Open(folder.Path));
            var repairs = Assert.Throws<SpoolException>(() => SpoolRepair.Run(folder.Path, DateTimeOffset.UnixEpoch));
            Assert.StartsWith(holder.Replace("{0}", $"{process.Id}", StringComparison.Ordinal), looks.Message,
                StringComparison.Ordinal);
            Assert.EndsWith(remedy, looks.Message, StringComparison.Ordinal);
            Assert.Equal(looks.Message, repairs.Message);
        }
        Assert.Null(StoreLock.HolderOf(folder.Path));
    }

    [Theory]
    [InlineData("hold")]
    [InlineData("look")]
    [InlineData("repair")]
    public async Task A_file_LOCK_that_is_removed_lets_nobody_in(string child)
    {
        using var folder = new TestFolder();
        await using (folder.Open()) { }
        var lockFile = Path.Combine(folder.Path, "store", "LOCK");
        using (var process = ChildProcess.Start(child, folder.Path))
        {
            await process.ReadUntilAsync("open");
            File.Delete(lockFile);

            Assert.Equal(new StoreHolder(StoreUse.Unknown, process.Id), StoreLock.HolderOf(folder.Path));
            foreach (var open in (Action[])[
                () => folder.Open(),
                () => SpoolInspection.Open(folder.Path),
                () => SpoolRepair.Run(folder.Path, DateTimeOffset.UnixEpoch)])
            {
                Assert.Equal(
                    $"another process (process {process.Id}) has the spool in {folder.Path} open; stop it first",
                    Assert.Throws<SpoolException>(open).Message);
            }
            Assert.False(File.Exists(lockFile));
            process.Kill();
            await process.ReadToEndAsync();
            Assert.Null(StoreLock.HolderOf(folder.Path));
        }
        await using (folder.Open()) Assert.True(File.Exists(lockFile));
    }

    [Fact]
    public async Task A_look_by_another_user_leaves_no_file_that_the_gateway_could_not_open()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root gives folders away");
        using var folder = new TestFolder();
        await using (folder.Open()) { }
        var store = Path.Combine(folder.Path, "store");
        File.Delete(Path.Combine(store, "LOCK"));
        using (var chown = System.Diagnostics.Process.Start("chown", ["-R", "65534", folder.Path]))
            await chown.WaitForExitAsync();

        var refusal = Assert.Throws<SpoolException>(() => SpoolInspection.Open(folder.Path));

        Assert.Equal($"{store} belongs to another user: run this as the gateway's user", refusal.Message);
        Assert.False(File.Exists(Path.Combine(store, "LOCK")));
    }

    [Fact]
    public void Where_there_is_no_store_none_is_made()
    {
        using var folder = new TestFolder();
        var refusal = Assert.Throws<SpoolException>(() => SpoolInspection.Open(folder.Path));
        Assert.Contains("there is no spool in", refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Path));
    }

    /// <summary>Three messages, one of them half done, and half an upload, as they lie on the disk.</summary>
    private static async Task<TestFolder> CrashedAsync()
    {
        using var running = new TestFolder();
        await using var spool = running.Open();
        for (var i = 0; i < 3; i++) await CommitAsync(spool);
        var change = new SpoolChange();
        change.Finished.Add((new Mid(1), new Rid(0)));
        change.States.Add((new Mid(1), new Rid(1), new RecipientState { Rounds = 1, Reason = WaitReason.Host }));
        await spool.CommitAsync(change);
        await using var half = spool.BeginMessage(spool.NextMid());
        await half.AppendAsync(Samples.Body(7, Octets), CancellationToken.None);
        await spool.CommitAsync(change);
        return running.Copy();
    }

    private static async Task CommitAsync(MailSpool spool) => await Samples.CommitAsync(
        spool, Samples.Message(spool.NextMid(), recipients: 2) with { Size = Octets }, Samples.Body(1, Octets));

    private static SpoolChange Small(MailSpool spool, int messages)
    {
        var change = new SpoolChange();
        for (var i = 0; i < messages; i++)
            change.Generated.Add((Samples.Message(spool.NextMid()) with { Size = 5 }, "hello"u8.ToArray()));
        return change;
    }

    // At a part of the largest table.
    private static void Spoil(TestFolder folder, double at)
    {
        var table = Directory.GetFiles(Path.Combine(folder.Path, "store"), "*.sst")
            .MaxBy(file => new FileInfo(file).Length)!;
        using var file = File.OpenWrite(table);
        file.Seek((long)(file.Length * at), SeekOrigin.Begin);
        file.Write(new byte[16]);
    }

    // The octets of the key of a message stand whole in a table where a run of keys begins, so the last such is near.
    private static void SpoilAtKey(TestFolder folder, Mid mid)
    {
        var table = Directory.GetFiles(Path.Combine(folder.Path, "store"), "*.sst")
            .MaxBy(file => new FileInfo(file).Length)!;
        var octets = File.ReadAllBytes(table);
        for (var value = mid.Value; ; value--)
        {
            var key = KeyLayout.Envelope(new byte[KeyLayout.MaxLength], new Mid(value)).ToArray();
            var at = octets.AsSpan().IndexOf(key);
            if (at < 0) continue;
            octets.AsSpan(at, 4).Clear();
            File.WriteAllBytes(table, octets);
            return;
        }
    }

    private static List<(string, long, DateTime)> Files(TestFolder folder) =>
        [.. new DirectoryInfo(folder.Path).EnumerateFiles("*", SearchOption.AllDirectories)
            .Select(file => (file.Name, file.Length, file.LastWriteTimeUtc)).Order()];
}
