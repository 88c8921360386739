using System.Globalization;
using Postern.Mail;

namespace Postern.Spool.Tests;

/// <summary>`spool repair`: what is left of a damaged store, what is said of the rest, and that nothing is lost by it.
/// </summary>
public sealed class RepairTests
{
    private const int InTable = 300;
    private const int InWal = 100;
    private const int All = InTable + InWal;
    private const int Octets = 700;
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("the WAL in the middle", 1, 2)]
    [InlineData("the WAL at its front", 0, 0)]
    [InlineData("MANIFEST", 0, 0)]
    [InlineData("CURRENT is missing", 0, 0)]
    [InlineData("CURRENT is empty", 0, 0)]
    [InlineData("the WAL is missing", InWal, InWal)]
    [InlineData("the footer of a table", InTable, InTable)]
    [InlineData("a table is missing", InTable, InTable)]
    [InlineData("a block of a table", 1, 64)]
    public async Task What_can_be_read_is_taken_into_a_new_store_and_the_old_one_stays(string part, int least, int most)
    {
        using var folder = await FilledAsync();
        Damage(folder, part);
        var before = Files(folder);
        if (part != "a block of a table")
        {
            var refusal = Assert.Throws<SpoolException>(folder.Open);
            Assert.Contains("'postern spool repair'", refusal.Message, StringComparison.Ordinal);
            before = Files(folder);
        }

        var report = SpoolRepair.Run(folder.Path, Now);
        Assert.Equal(before, Files(folder, report.Kept!));
        Assert.EndsWith("store.damaged-20261127-030405", report.Kept, StringComparison.Ordinal);
        Assert.Equal(["refused", "store", Path.GetFileName(report.Kept)], Names(folder).Order());
        Assert.True(report.LeftOut.Count + report.NotTaken.Count > 0);
        Assert.Empty(report.Store.Faults);
        Assert.InRange(All - report.Store.Messages, least, most);
        await IsWholeAsync(folder, report);

        Assert.Null(SpoolRepair.Run(folder.Path, Now).Kept);
    }

    [Fact]
    public async Task A_bad_block_anywhere_costs_what_it_holds_and_nothing_that_stands_elsewhere()
    {
        using var whole = await FilledAsync();
        for (var part = 0; part < 24; part++)
        {
            using var folder = whole.Copy();
            var table = LargestTable(folder);
            // In front of the end stand index, filter and footer, and without these a table is lost.
            Spoil(table, (long)(new FileInfo(table).Length * 0.9 * part / 24) + 7);
            var report = SpoolRepair.Run(folder.Path, Now);
            await using var spool = folder.Open();
            var left = spool.ReadQueue().Select(message => message.Mid).ToList();
            Assert.Equal(InWal, left.Count(mid => mid.Value > InTable));
            Assert.Equal(All - left.Count, report.NotTakenCount);
            // A block has 4 kB: some sixty messages without their bodies, six bodies of these.
            Assert.InRange(All - left.Count, 0, 64);
            Assert.InRange(left.Count(mid => !HasBody(spool, mid)), 0, 7);
        }
    }

    [Fact]
    public async Task What_a_client_puts_into_a_mail_is_never_taken_for_a_batch_of_the_WAL()
    {
        // As whole as a batch can be, but for the key of the store: all records deleted, and all synced for long.
        var forged = new MemoryStream();
        var batch = new byte[12 + 2 + WalMark.Length + 5];
        (batch[5], batch[8], batch[12], batch[13]) = (1, 1, 3, WalMark.Length);
        new WalMark(1L << 40, 1L << 40, Key: 4711).Write(batch.AsSpan(14));
        ((byte[])[15, 1, 0, 1, 0xFF]).CopyTo(batch, batch.Length - 5);
        WalRecord.Write(forged, WalRecord.Whole, batch);

        using var folder = new TestFolder();
        await using var running = folder.Open();
        await FillAsync(running, 20);
        await Samples.CommitAsync(
            running, Samples.Message(running.NextMid()) with { Size = forged.Length }, forged.ToArray());
        using var torn = folder.Copy();
        SpoilBefore(torn, forged.ToArray());
        await using (var spool = torn.Open()) Assert.Equal(20, spool.ReadQueue().Count());

        await FillAsync(running, 20);
        using var damaged = folder.Copy();
        SpoilBefore(damaged, forged.ToArray());
        Assert.Throws<SpoolException>(damaged.Open);
        Assert.Equal(40, SpoolRepair.Run(damaged.Path, Now).Store.Messages);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_store_whose_records_are_all_gone_is_no_new_one_and_gives_no_id_twice(bool isMissing)
    {
        using var folder = new TestFolder();
        await using var running = folder.Open();
        await FillAsync(running, 10);
        using var crashed = folder.Copy();
        if (isMissing) File.Delete(crashed.NewestWal());
        else File.WriteAllBytes(crashed.NewestWal(), []);
        for (var start = 0; start < 2; start++)
        {
            var refusal = Assert.Throws<SpoolException>(crashed.Open);
            Assert.Contains("there is nothing in", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("'postern spool repair'", refusal.Message, StringComparison.Ordinal);
        }
        Assert.NotNull(SpoolRepair.Run(crashed.Path, Now).Kept);
        await using var spool = crashed.Open();
        Assert.Empty(spool.ReadQueue());
        Assert.InRange(spool.NextMid().Value, RecordTransfer.IdsPassedOver, long.MaxValue);
    }

    [Fact]
    public async Task A_store_that_a_link_leads_to_is_repaired_where_it_is_and_copies_of_an_operator_stay()
    {
        using var folder = await FilledAsync();
        var (link, real) = (Path.Combine(folder.Path, "store"), Path.Combine(folder.Path, "disk2", "postern"));
        Directory.CreateDirectory(Path.GetDirectoryName(real)!);
        Directory.Move(link, real);
        Directory.CreateSymbolicLink(link, real);
        Directory.CreateDirectory(Path.Combine(folder.Path, "disk2", "postern.copy"));
        Directory.CreateDirectory(link + ".new");
        Damage(folder, "the WAL in the middle");

        var report = SpoolRepair.Run(folder.Path, Now);
        Assert.Equal(real + ".damaged-20261127-030405", report.Kept);
        Assert.Equal(real, new DirectoryInfo(link).LinkTarget);
        Assert.Equal(["disk2", "refused", "store", "store.new"], Names(folder).Order());
        Assert.Equal(["postern", "postern.copy", "postern.damaged-20261127-030405"],
            new DirectoryInfo(Path.GetDirectoryName(real)!).GetDirectories().Select(found => found.Name).Order());
        await IsWholeAsync(folder, report);
    }

    [Fact]
    public async Task A_store_whose_tables_cannot_be_merged_opens_for_good_when_it_was_repaired()
    {
        using var folder = await FilledAsync();
        Damage(folder, "a block of a table");
        var refusal = await Assert.ThrowsAsync<SpoolException>(async () =>
        {
            for (var start = 0; start < 12; start++)
            {
                await using var spool = folder.Open();
                Assert.NotEmpty(spool.ReadQueue());
                await CommitAsync(spool, spool.NextMid());
            }
        });
        Assert.Contains("'postern spool repair'", refusal.Message, StringComparison.Ordinal);

        var report = SpoolRepair.Run(folder.Path, Now);
        var lost = Assert.Single(report.NotTaken);
        Assert.Equal(report.NotTakenCount, lost.Count);
        for (var start = 0; start < 12; start++)
        {
            await using var spool = folder.Open();
            Assert.Equal(report.Store.Messages + start, spool.ReadQueue().Count());
            Assert.Empty(spool.Damaged);
            await CommitAsync(spool, spool.NextMid());
        }
    }

    [Fact]
    public async Task A_message_whose_content_is_lost_is_taken_so_that_its_sender_is_told()
    {
        using var folder = await FilledAsync();
        RawStore.Write(folder, batch =>
        {
            batch.Delete(KeyLayout.Chunk(new byte[KeyLayout.MaxLength], new Mid(7), 0));
            batch.Put(KeyLayout.Envelope(new byte[KeyLayout.MaxLength], new Mid(8)), [9]);
        });
        var report = SpoolRepair.Run(folder.Path, Now);
        Assert.Equal(8, Assert.Single(report.NotTaken).Mid.Value);
        Assert.Equal(7, Assert.Single(report.Store.Faults).Mid!.Value.Value);
        Assert.Equal(All - 1, report.Store.Messages);
    }

    [Fact]
    public async Task What_is_done_is_not_taken_and_states_go_with_their_messages()
    {
        using var folder = new TestFolder();
        await using (var spool = folder.Open())
        {
            foreach (var _ in Enumerable.Range(0, 3))
                await CommitAsync(spool, spool.NextMid(), recipients: 2);
            var change = new SpoolChange();
            change.Finished.Add((new Mid(1), new Rid(0)));
            change.States.Add((new Mid(1), new Rid(1), Samples.FullState));
            change.Finished.Add((new Mid(2), new Rid(0)));
            change.Finished.Add((new Mid(2), new Rid(1)));
            change.Removed.Add(new Mid(3));
            await spool.CommitAsync(change);
        }
        Assert.NotNull(SpoolRepair.Run(folder.Path, Now).Kept);
        await using var again = folder.Open();
        var left = Assert.Single(Assert.Single(again.ReadQueue()).Recipients);
        Assert.Equal((1, 99), (left.Recipient.Rid.Value, left.State.Rounds));
    }

    [Fact]
    public async Task A_store_of_another_format_and_one_that_a_gateway_has_open_stay_as_they_are()
    {
        using var folder = new TestFolder();
        using (var gateway = ChildProcess.Start("hold", folder.Path))
        {
            await gateway.ReadUntilAsync("open");
            Refuses($"a gateway (process {gateway.Id}) has the spool");
        }
        RawStore.Write(folder, static batch => TwinRecord.Put(batch, KeyLayout.Store, [2]));
        Refuses("it has format 2");

        void Refuses(string reason)
        {
            var refusal = Assert.Throws<SpoolException>(() => SpoolRepair.Run(folder.Path, Now));
            Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
            Assert.Equal(["refused", "store"], Names(folder).Order());
        }
    }

    [Fact]
    public async Task Two_repairs_within_a_second_keep_both_stores()
    {
        using var folder = await FilledAsync();
        Damage(folder, "MANIFEST");
        var first = SpoolRepair.Run(folder.Path, Now).Kept!;
        File.Delete(Path.Combine(folder.Path, "store", "CURRENT"));
        var second = SpoolRepair.Run(folder.Path, Now).Kept!;
        Assert.Equal($"{first}-2", second);
        Assert.Equal(["refused", "store", Path.GetFileName(first), Path.GetFileName(second)], Names(folder).Order());
    }

    [Fact]
    public async Task Where_the_new_store_cannot_be_made_the_old_one_stays()
    {
        using var folder = await FilledAsync();
        Damage(folder, "MANIFEST");
        var before = Files(folder);
        File.WriteAllText(Path.Combine(folder.Path, "store.repair-new"), "in the way");
        var refusal = Assert.Throws<SpoolException>(() => SpoolRepair.Run(folder.Path, Now));
        Assert.Contains("store.repair-new", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, Files(folder));
        Assert.Equal(["refused", "store", "store.repair-new"], Names(folder).Order());
    }

    private static async Task IsWholeAsync(TestFolder folder, SpoolRepairReport report)
    {
        // Every start leaves a table, and eight are merged.
        for (var start = 0; start < 12; start++)
        {
            await using var spool = folder.Open();
            var mids = spool.ReadQueue().Select(message => message.Mid).ToList();
            Assert.Equal(report.Store.Messages, mids.Count - start);
            Assert.Empty(spool.Damaged);
            foreach (var mid in mids.Where(mid => mid.Value <= All))
                Assert.Equal(Samples.Body((int)mid.Value, Octets), Samples.ReadBody(spool, mid));
            var next = spool.NextMid();
            Assert.InRange(next.Value, RecordTransfer.IdsPassedOver, long.MaxValue);
            await CommitAsync(spool, next);
        }
    }

    // 300 messages in a table, 100 in the WAL, as a crash leaves them.
    private static async Task<TestFolder> FilledAsync()
    {
        using var folder = new TestFolder();
        await using (var spool = folder.Open()) await FillAsync(spool, InTable);
        RawStore.Keys(folder);
        await using var running = folder.Open();
        await FillAsync(running, InWal);
        return folder.Copy();
    }

    private static Task CommitAsync(MailSpool spool, Mid mid, int recipients = 1) =>
        Samples.CommitAsync(spool, Samples.Message(mid, recipients) with { Size = 1 }, [0]);

    private static async Task FillAsync(MailSpool spool, int messages)
    {
        for (var i = 0; i < messages; i++)
        {
            var mid = spool.NextMid();
            await Samples.CommitAsync(
                spool, Samples.Message(mid) with { Size = Octets }, Samples.Body((int)mid.Value, Octets));
        }
    }

    private static void Damage(TestFolder folder, string part)
    {
        var store = Path.Combine(folder.Path, "store");
        var table = LargestTable(folder);
        var wal = folder.NewestWal();
        switch (part)
        {
            case "the WAL in the middle":
                Spoil(wal, new FileInfo(wal).Length / 2);
                break;
            case "the WAL at its front":
                Spoil(wal, 20);
                break;
            case "the WAL is missing":
                File.Delete(wal);
                break;
            case "MANIFEST":
                Spoil(Directory.GetFiles(store, "MANIFEST-*").Single(), 20);
                break;
            case "CURRENT is missing":
                File.Delete(Path.Combine(store, "CURRENT"));
                break;
            case "CURRENT is empty":
                File.WriteAllText(Path.Combine(store, "CURRENT"), "");
                break;
            case "the footer of a table":
                Spoil(table, new FileInfo(table).Length - 8);
                break;
            case "a table is missing":
                File.Delete(table);
                break;
            case "a block of a table":
                Spoil(table, 8000);
                break;
        }
    }

    private static void SpoilBefore(TestFolder folder, byte[] body) =>
        Spoil(folder.NewestWal(), File.ReadAllBytes(folder.NewestWal()).AsSpan().IndexOf(body) - 30);

    private static string LargestTable(TestFolder folder) => new DirectoryInfo(Path.Combine(folder.Path, "store"))
        .EnumerateFiles("*.sst").MaxBy(file => file.Length)!.FullName;

    private static bool HasBody(MailSpool spool, Mid mid)
    {
        try
        {
            return Samples.ReadBody(spool, mid).SequenceEqual(Samples.Body((int)mid.Value, Octets));
        }
        catch (SpoolException)
        {
            return false;
        }
    }

    private static void Spoil(string path, long at)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        var octets = new byte[4];
        RandomAccess.Read(file, octets, at);
        RandomAccess.Write(file, octets.Select(octet => (byte)~octet).ToArray(), at);
    }

    private static List<string> Names(TestFolder folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder.Path).Select(path => Path.GetFileName(path))];

    // The names and octets of the files that make up a store.
    private static List<string> Files(TestFolder folder, string? store = null) =>
        [.. new DirectoryInfo(store ?? Path.Combine(folder.Path, "store")).EnumerateFiles()
            .Where(file => !file.Name.StartsWith("LO", StringComparison.Ordinal)).OrderBy(file => file.Name)
            .Select(file => string.Create(CultureInfo.InvariantCulture,
                $"{file.Name} {file.Length} {Convert.ToHexString(File.ReadAllBytes(file.FullName))}"))];
}
