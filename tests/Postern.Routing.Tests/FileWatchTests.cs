using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Postern.Routing.Tests;

/// <summary>A changed file is read when it has been unchanged for half a second, and only then.</summary>
public sealed class FileWatchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-watch-").FullName;
    private readonly FakeTimeProvider _time = new();

    private string FilePath => Path.Combine(_folder, "smtproutes");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // As the loop does: a look every 250 ms for a while; what it found.
    private List<string> LookFor(FileWatch watch, double seconds)
    {
        var found = new List<string>();
        for (var ms = 0; ms < seconds * 1000; ms += 250)
        {
            _time.Advance(FileWatch.Period);
            if (watch.Look() is { } reading)
            {
                found.Add(reading.Content is { } c ? Encoding.UTF8.GetString(c.Span) : reading.Problem!);
            }
        }
        return found;
    }

    [Fact]
    public void A_change_is_told_once_within_a_second()
    {
        File.WriteAllText(FilePath, "one");
        var watch = new FileWatch(FilePath, 100, _time);
        Assert.Empty(LookFor(watch, 5));
        File.WriteAllText(FilePath, "other");
        Assert.Empty(LookFor(watch, 0.5));
        Assert.Equal(["other"], LookFor(watch, 0.5));
        Assert.Empty(LookFor(watch, 5));
    }

    [Fact]
    public void A_file_that_keeps_changing_is_left_alone()
    {
        File.WriteAllText(FilePath, "");
        var watch = new FileWatch(FilePath, 100, _time);
        for (var i = 0; i < 10; i++)
        {
            File.AppendAllText(FilePath, "x");
            Assert.Empty(LookFor(watch, 0.5));
        }
        Assert.Equal(["xxxxxxxxxx"], LookFor(watch, 1));
    }

    [Fact]
    public void Going_missing_and_coming_back_are_told()
    {
        File.WriteAllText(FilePath, "one");
        var written = File.GetLastWriteTimeUtc(FilePath);
        var watch = new FileWatch(FilePath, 100, _time);
        File.Move(FilePath, FilePath + ".away");
        Assert.Equal([$"{FilePath} is missing"], LookFor(watch, 5));
        File.Move(FilePath + ".away", FilePath);
        Assert.Equal(written, File.GetLastWriteTimeUtc(FilePath));
        Assert.Equal(["one"], LookFor(watch, 5));
    }

    [Fact]
    public void An_editor_that_replaces_the_file_for_a_moment_causes_no_alarm()
    {
        File.WriteAllText(FilePath, "one");
        var watch = new FileWatch(FilePath, 100, _time);
        File.Delete(FilePath);
        Assert.Empty(LookFor(watch, 0.25));
        File.WriteAllText(FilePath, "two and more");
        Assert.Equal(["two and more"], LookFor(watch, 2));
    }

    [Fact]
    public void A_link_is_followed_and_its_change_seen()
    {
        File.WriteAllText(FilePath + ".1", "one");
        File.WriteAllText(FilePath + ".2", "second");
        File.CreateSymbolicLink(FilePath, FilePath + ".1");
        var watch = new FileWatch(FilePath, 100, _time);
        File.Delete(FilePath);
        File.CreateSymbolicLink(FilePath, FilePath + ".2");
        Assert.Equal(["second"], LookFor(watch, 2));
        File.WriteAllText(FilePath + ".2", "third one");
        Assert.Equal(["third one"], LookFor(watch, 2));
    }

    [Fact]
    public void A_file_that_is_too_long_is_told_not_read()
    {
        var watch = new FileWatch(FilePath, 3, _time);
        File.WriteAllText(FilePath, "four");
        Assert.Equal([$"{FilePath} has more than 3 octets"], LookFor(watch, 2));
    }

    [Fact]
    public async Task The_loop_calls_back_until_it_is_cancelled()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var seen = new TaskCompletionSource<FileReading>();
        var watch = new FileWatch(FilePath, 100, TimeProvider.System);
        var running = watch.RunAsync(seen.SetResult, cancel.Token);
        File.WriteAllText(FilePath, "x");
        Assert.Equal("x", Encoding.UTF8.GetString((await seen.Task).Content!.Value.Span));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
