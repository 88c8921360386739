using Postern.Mail;

namespace Postern.Reporting.Tests;

public sealed class MailLogFileTests
{
    private const string Stamp = "Wed Jul  2 09:15:07 2014 Info: ";

    [Fact]
    public async Task Flush_ends_when_everything_published_before_is_in_the_file()
    {
        using var folder = new LogFolder();
        await using var log = folder.Open();
        for (var round = 1; round <= 20; round++)
        {
            for (var number = 0; number < 500; number++) log.Publish(Finished(number));
            Assert.True(await log.FlushAsync());
            Assert.Equal(round * 500, folder.Lines.Length);
        }
    }

    [Fact]
    public async Task An_event_is_in_the_file_without_anybody_asking()
    {
        using var folder = new LogFolder();
        await using var log = folder.Open();
        for (var number = 1; number <= 3; number++)
        {
            log.Publish(Finished(number));
            Assert.True(SpinWait.SpinUntil(
                () => File.Exists(folder.MailLogPath) && File.ReadAllText(folder.MailLogPath).EndsWith(
                    $"MID {number} done\n", StringComparison.Ordinal),
                TimeSpan.FromSeconds(30)));
        }
    }

    [Fact]
    public async Task Events_of_one_thread_stay_in_order_and_none_is_lost_or_torn()
    {
        using var folder = new LogFolder();
        await using (var log = folder.Open(folder.Options with { Json = true }))
        {
            await Task.WhenAll(Enumerable.Range(1, 8).Select(thread => Task.Run(() =>
            {
                for (var number = 0; number < 5000; number++)
                    log.Publish(new RecipientRejected(new Mid(thread), new Icid(number), "x@other.example"));
            })));
        }
        Assert.Equal(40_000, LogFolder.Read(folder.JsonPath).Length);
        var expected = Enumerable.Range(0, 5000);
        foreach (var thread in folder.Lines.GroupBy(line => line.Split(' ')[8]))
            Assert.Equal(expected, thread.Select(line => int.Parse(line.Split(' ')[10], null)));
        Assert.Equal(40_000, folder.Lines.Length);
    }

    [Fact]
    public async Task A_restart_appends()
    {
        using var folder = new LogFolder();
        await using (var log = folder.Open()) log.Publish(Finished(1));
        await using (var log = folder.Open()) log.Publish(Finished(2));
        Assert.Equal(
            [Stamp + "Message finished MID 1 done", Stamp + "Message finished MID 2 done"], folder.Lines);
    }

    [Theory]
    [InlineData("whole line\n", "whole line")]
    [InlineData("whole line\nhalf a li", "whole line")]
    [InlineData("half a li", null)]
    public async Task Half_a_line_that_a_crash_left_is_taken_away(string found, string? kept)
    {
        using var folder = new LogFolder();
        Directory.CreateDirectory(folder.Logs);
        await File.WriteAllTextAsync(folder.MailLogPath, found);
        await using (var log = folder.Open()) log.Publish(Finished(1));
        Assert.Equal(
            kept is null ? [Stamp + "Message finished MID 1 done"] : [kept, Stamp + "Message finished MID 1 done"],
            folder.Lines);
    }

    [Fact]
    public async Task Half_a_line_longer_than_any_block_is_taken_away()
    {
        using var folder = new LogFolder();
        Directory.CreateDirectory(folder.Logs);
        await File.WriteAllTextAsync(folder.MailLogPath, "whole line\n" + new string('x', 50_000));
        await using (var log = folder.Open()) log.Publish(Finished(1));
        Assert.Equal(["whole line", Stamp + "Message finished MID 1 done"], folder.Lines);
    }

    [Fact]
    public async Task A_file_that_is_deleted_moved_or_emptied_is_followed()
    {
        using var folder = new LogFolder();
        await using var log = folder.Open();
        await Log(log, 1);
        File.Delete(folder.MailLogPath);
        await Log(log, 2);
        Assert.Equal(Stamp + "Message finished MID 2 done", Assert.Single(folder.Lines));

        File.Move(folder.MailLogPath, folder.MailLogPath + ".old");
        await Log(log, 3);
        Assert.Equal(Stamp + "Message finished MID 3 done", Assert.Single(folder.Lines));

        await using (File.Open(folder.MailLogPath, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite)) { }
        await Log(log, 4);
        Assert.Equal(Stamp + "Message finished MID 4 done", Assert.Single(folder.Lines));

        Directory.Delete(folder.Logs, recursive: true);
        await Log(log, 5);
        Assert.Equal(Stamp + "Message finished MID 5 done", Assert.Single(folder.Lines));
        Assert.Equal(0, log.LostEvents);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_stops_nothing_and_its_lines_come_later()
    {
        using var folder = new LogFolder();
        await File.WriteAllTextAsync(folder.Logs, "a file where the folder should be");
        await using var log = folder.Open();
        log.Publish(Finished(1));
        Assert.False(await log.FlushAsync());
        log.Publish(Finished(2));
        Assert.False(await log.FlushAsync());
        Assert.True(log.WriteErrors > 0);
        Assert.Contains("mail.log", log.LastError, StringComparison.Ordinal);

        File.Delete(folder.Logs);
        log.Publish(Finished(3));
        Assert.True(await log.FlushAsync());
        Assert.Equal(
            ["1", "2", "3"], folder.Lines.Select(line => line.Split(' ')[10]));
        Assert.Equal(0, log.LostEvents);
    }

    [Fact]
    public async Task Lines_that_waited_are_written_piece_by_piece_so_that_no_file_passes_its_size()
    {
        using var folder = new LogFolder();
        await File.WriteAllTextAsync(folder.Logs, "a file where the folder should be");
        await using var log = folder.Open(folder.Options with { RotateSize = 10_000 });
        for (var number = 0; number < 5_000; number++) log.Publish(Finished(number));
        Assert.False(await log.FlushAsync());

        File.Delete(folder.Logs);
        Assert.True(await log.FlushAsync());
        var files = Directory.GetFiles(folder.Logs, "mail.log*");
        Assert.All(files, file => Assert.InRange(new FileInfo(file).Length, 1, 10_000));
        var numbers = files.SelectMany(LogFolder.Read).Select(line => int.Parse(line.Split(' ')[10], null));
        Assert.Equal(Enumerable.Range(0, 5_000), numbers.Order());
        Assert.Equal(0, log.LostEvents);
    }

    // /dev/full answers every write as a full disk does.
    [Fact]
    public async Task A_full_disk_stops_nothing_and_what_is_lost_is_said()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "the system has no /dev/full");
        using var folder = new LogFolder();
        Directory.CreateDirectory(folder.Logs);
        File.CreateSymbolicLink(folder.MailLogPath, "/dev/full");
        await using var log = folder.Open(folder.Options with { QueueLength = 1_000_000 });
        using var tap = log.Subscribe()!;
        var subject = new string('x', 900);
        for (var number = 0; number < 10_000; number++) log.Publish(new SubjectSeen(new Mid(number), subject));
        Assert.False(await log.FlushAsync());
        Assert.Contains("space", log.LastError, StringComparison.OrdinalIgnoreCase);
        var lost = log.LostEvents;
        Assert.InRange(lost, 1, 9_999);
        Assert.True(tap.Lines.TryRead(out _), "the live log goes on");

        File.Delete(folder.MailLogPath);
        Assert.True(await log.FlushAsync());
        log.Publish(Finished(1));
        Assert.True(await log.FlushAsync());
        var lines = folder.Lines;
        Assert.Equal(10_000 - lost, lines.Count(line => line.Contains("Subject", StringComparison.Ordinal)));
        Assert.Equal($"Wed Jul  2 09:15:07 2014 Warning: {lost} events were not logged", lines[^2]);
        Assert.Equal(Stamp + "Message finished MID 1 done", lines[^1]);
    }

    [Fact]
    public async Task A_file_put_in_its_place_that_ends_in_half_a_line_is_mended()
    {
        using var folder = new LogFolder();
        await using var log = folder.Open();
        await Log(log, 1);
        File.Move(folder.MailLogPath, folder.MailLogPath + ".x");
        await File.WriteAllTextAsync(folder.MailLogPath, "whole line\nWed Jul  2 09:15");
        await Log(log, 2);
        Assert.Equal(["whole line", Stamp + "Message finished MID 2 done"], folder.Lines);
    }

    [Fact]
    public async Task A_full_queue_drops_the_newest_counts_them_and_never_waits()
    {
        using var folder = new LogFolder();
        using var clock = new StandingClock();
        var log = new MailLog(folder.Options with { QueueLength = 100 }, clock);
        log.Publish(Finished(0));
        // The writer stands still with the first event in its hands, and this thread does not.
        clock.WriterStands.Wait();
        for (var number = 1; number <= 5000; number++) log.Publish(Finished(number));
        Assert.Equal(4900, log.LostEvents);

        clock.GoOn.Set();
        await log.DisposeAsync();
        Assert.Equal(
            Enumerable.Range(0, 101).Select(number => $"{Stamp}Message finished MID {number} done")
                .Append("Wed Jul  2 09:15:07 2014 Warning: 4900 events were not logged"),
            folder.Lines);
    }

    /// <summary>A clock that holds whoever wants the local time: the writer's thread, as a dead disk would.</summary>
    private sealed class StandingClock : TimeProvider, IDisposable
    {
        public ManualResetEventSlim WriterStands { get; } = new();

        public ManualResetEventSlim GoOn { get; } = new();

        public override DateTimeOffset GetUtcNow() => Samples.At;

        public override TimeZoneInfo LocalTimeZone
        {
            get
            {
                WriterStands.Set();
                GoOn.Wait();
                return Samples.Rome;
            }
        }

        public void Dispose()
        {
            WriterStands.Dispose();
            GoOn.Dispose();
        }
    }

    [Fact]
    public async Task A_file_is_rotated_before_it_passes_its_size_and_no_line_is_lost()
    {
        using var folder = new LogFolder();
        await using (var log = folder.Open(folder.Options with { RotateSize = 200, Json = true }))
            for (var number = 0; number < 9; number++) await Log(log, number);

        var files = Directory.GetFiles(folder.Logs, "mail.log*").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(
            ["mail.log", "mail.log.20140702T091507", "mail.log.20140702T091507-1"], files.Select(Path.GetFileName));
        string[] oldestFirst = [files[1], files[2], files[0]];
        Assert.All(files, file => Assert.True(new FileInfo(file).Length <= 200));
        Assert.Equal(
            Enumerable.Range(0, 9).Select(number => $"{Stamp}Message finished MID {number} done"),
            oldestFirst.SelectMany(LogFolder.Read));
        Assert.Contains(
            Directory.GetFiles(folder.Logs, "mail.json.*"), file => file.EndsWith("T091507", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rotated_files_are_deleted_after_their_days_and_nothing_else_is()
    {
        using var folder = new LogFolder();
        Directory.CreateDirectory(folder.Logs);
        string[] old = ["mail.log.20140601T000000", "mail.log.20140601T000000-12"];
        string[] kept = ["mail.log.20140603T000000", "mail.log.20140601", "mail.log.20140601T000000-x", "notes.txt"];
        foreach (var name in old.Concat(kept)) await File.WriteAllTextAsync(Path.Combine(folder.Logs, name), "x\n");

        await using var log = folder.Open();
        await Log(log, 1);
        Assert.Equal(
            kept.Append("mail.log").Order(StringComparer.Ordinal),
            Directory.GetFiles(folder.Logs).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));

        folder.Clock.Advance(TimeSpan.FromDays(3));
        await Log(log, 2);
        Assert.False(File.Exists(Path.Combine(folder.Logs, kept[0])));
    }

    [Fact]
    public async Task New_options_are_in_force_with_the_next_batch()
    {
        using var folder = new LogFolder();
        await using var log = folder.Open();
        await Log(log, 1);
        Assert.False(File.Exists(folder.JsonPath));
        log.UseOptions(folder.Options with { Json = true });
        await Log(log, 2);
        Assert.Contains("\"mid\":2", Assert.Single(LogFolder.Read(folder.JsonPath)), StringComparison.Ordinal);
        log.UseOptions(folder.Options);
        await Log(log, 3);
        Assert.Single(LogFolder.Read(folder.JsonPath));
        Assert.Equal(3, folder.Lines.Length);
    }

    [Fact]
    public async Task What_is_published_after_the_end_is_counted_as_lost()
    {
        using var folder = new LogFolder();
        var log = folder.Open();
        log.Publish(Finished(1));
        await log.DisposeAsync();
        log.Publish(Finished(2));
        Assert.True(await log.FlushAsync());
        Assert.Equal(1, log.LostEvents);
        Assert.Single(folder.Lines);
        await log.DisposeAsync();
    }

    internal static MessageFinished Finished(int number) => new(new Mid(number));

    private static async Task Log(MailLog log, int number)
    {
        log.Publish(Finished(number));
        Assert.True(await log.FlushAsync(), log.LastError);
    }
}
