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
    [InlineData("the footer of a table", InTable, InTable)]
    [InlineData("a table is missing", InTable, InTable)]
    [InlineData("a block of a table", 1, 80)]
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
            Refuses("a gateway has the spool");
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
    public async Task Where_the_new_store_cannot_be_made_the_old_one_stays()
    {
        using var folder = await FilledAsync();
        Damage(folder, "MANIFEST");
        var before = Files(folder);
        File.WriteAllText(Path.Combine(folder.Path, "store.new"), "in the way");
        var refusal = Assert.Throws<SpoolException>(() => SpoolRepair.Run(folder.Path, Now));
        Assert.Contains("store.new", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, Files(folder));
        Assert.Equal(["refused", "store", "store.new"], Names(folder).Order());
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
        var table = Directory.GetFiles(store, "*.sst").MaxBy(file => new FileInfo(file).Length)!;
        var wal = folder.NewestWal();
        switch (part)
        {
            case "the WAL in the middle":
                Spoil(wal, new FileInfo(wal).Length / 2);
                break;
            case "the WAL at its front":
                Spoil(wal, 20);
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
