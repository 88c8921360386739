using Postern.Mail;

namespace Postern.Reporting.Tests;

public sealed class LogTapTests
{
    [Fact]
    public async Task It_gives_the_lines_of_the_file_as_they_happen_and_ends_with_the_log()
    {
        using var folder = new LogFolder();
        var log = folder.Open();
        using var tap = log.Subscribe()!;
        foreach (var (_, mailEvent) in Samples.All) log.Publish(mailEvent);
        await log.DisposeAsync();
        var lines = new List<string>();
        await foreach (var line in tap.Lines.ReadAllAsync()) lines.Add(line);
        Assert.Equal(folder.Lines, lines);
    }

    [Fact]
    public async Task A_slow_reader_loses_the_oldest_lines_and_holds_up_nothing()
    {
        using var folder = new LogFolder();
        await using var log = folder.Open();
        using var tap = log.Subscribe(lines: 10)!;
        for (var number = 0; number < 100; number++) log.Publish(MailLogFileTests.Finished(number));
        Assert.True(await log.FlushAsync());
        Assert.Equal(90, tap.Lost);
        Assert.True(tap.Lines.TryRead(out var oldest));
        Assert.EndsWith("MID 90 done", oldest, StringComparison.Ordinal);
        Assert.Equal(100, folder.Lines.Length);
    }

    [Fact]
    public async Task A_reader_of_few_lines_loses_only_those_that_it_wants()
    {
        using var folder = new LogFolder();
        await using var log = folder.Open();
        using var tap = log.Subscribe(lines: 4, new LogLineFilter { Text = new LogText("done") })!;
        for (var number = 0; number < 30; number++)
        {
            log.Publish(MailLogFileTests.Finished(number));
            log.Publish(new SubjectSeen(new Mid(number), "x"));
        }
        Assert.True(await log.FlushAsync());
        Assert.Equal(26, tap.Lost);
        tap.KeepNewest(5);
        Assert.Equal(26, tap.Lost);
        tap.KeepNewest(2);
        Assert.Equal(28, tap.Lost);
        foreach (var number in (int[])[28, 29])
        {
            Assert.True(tap.Lines.TryRead(out var line));
            Assert.EndsWith($"MID {number} done", line, StringComparison.Ordinal);
        }
        Assert.False(tap.Lines.TryRead(out _));
    }

    [Fact]
    public async Task Lines_of_any_length_come_whole_when_their_room_is_used_again()
    {
        using var folder = new LogFolder();
        await using var log = folder.Open();
        using var tap = log.Subscribe(lines: 3)!;
        var read = new List<string>();
        foreach (var length in (int[])[5, 200, 1, 40, 0, 90, 7])
        {
            log.Publish(new SubjectSeen(new Mid(1), new string('x', length) + "é"));
            Assert.True(await log.FlushAsync());
            if (length is 1 or 0 or 7) while (tap.Lines.TryRead(out var line)) read.Add(line);
        }
        Assert.Equal(folder.Lines, read);
        Assert.Equal(0, tap.Lost);
    }

    [Fact]
    public async Task A_reader_that_waits_is_woken_by_a_line_and_may_give_up()
    {
        using var folder = new LogFolder();
        await using var log = folder.Open();
        using var tap = log.Subscribe()!;
        using (var gaveUp = new CancellationTokenSource())
        {
            var left = tap.Lines.WaitToReadAsync(gaveUp.Token);
            await gaveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await left);
        }
        var waiting = tap.Lines.WaitToReadAsync();
        log.Publish(MailLogFileTests.Finished(7));
        Assert.True(await waiting);
        Assert.True(tap.Lines.TryRead(out var line));
        Assert.EndsWith("MID 7 done", line, StringComparison.Ordinal);
        Assert.False(tap.Lines.TryRead(out _));
    }

    [Fact]
    public async Task There_is_a_limit_and_a_place_is_free_again()
    {
        using var folder = new LogFolder();
        var log = folder.Open();
        var taps = Enumerable.Range(0, MailLog.MaxTaps).Select(_ => log.Subscribe()!).ToList();
        Assert.Null(log.Subscribe());
        taps[0].Dispose();
        using var again = log.Subscribe();
        Assert.NotNull(again);
        await log.DisposeAsync();
        // A tap of a log that has ended is at its end.
        using var late = log.Subscribe();
        Assert.False(await late!.Lines.WaitToReadAsync());
    }
}
