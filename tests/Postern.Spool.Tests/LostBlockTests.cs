using Postern.Mail;

namespace Postern.Spool.Tests;

/// <summary>A block of a table is lost while the gateway runs: what becomes of its mail is stored.</summary>
public sealed class LostBlockTests
{
    private const int Messages = 500;

    [Fact]
    public async Task The_end_of_a_message_is_stored_whose_record_cannot_be_read_any_more()
    {
        using var folder = new TestFolder();
        await using (var spool = folder.Open())
        {
            for (var i = 0; i < Messages; i++)
                await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()) with { Size = 0 }, []);
        }
        Mid mid;
        // The opening writes what the WAL holds into a table.
        await using (var spool = folder.Open())
        {
            Spoil(folder);
            var read = spool.ReadQueue().Select(message => message.Mid.Value).ToHashSet();
            var lost = Enumerable.Range(1, Messages).Where(value => !read.Contains(value)).ToList();
            mid = new Mid(lost[lost.Count / 2]);
            Assert.ThrowsAny<SpoolException>(() => spool.ReadMessage(mid, [new Rid(0)]));

            var change = new SpoolChange();
            change.Removed.Add(mid);
            await spool.CommitAsync(change);
        }
        await using var again = folder.Open();
        Assert.Null(again.ReadMessage(mid, [new Rid(0)]));
    }

    private static void Spoil(TestFolder folder)
    {
        var table = Directory.GetFiles(Path.Combine(folder.Path, "store"), "*.sst")
            .MaxBy(file => new FileInfo(file).Length)!;
        using var file = new FileStream(table, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Seek(file.Length / 3, SeekOrigin.Begin);
        file.Write(new byte[16]);
    }
}
