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
