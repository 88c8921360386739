using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Postern.Mail;

namespace Postern.Spool.Tests;

/// <summary>Use at the wrong time is an answer, never a crash of the process.</summary>
public sealed partial class LifetimeTests
{
    [Fact]
    public async Task After_the_end_everything_is_refused_with_a_reason()
    {
        using var folder = new TestFolder();
        var spool = folder.Open();
        await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()), Samples.Body(1, 200_000));
        var reader = spool.OpenBody(new Mid(1));
        reader.ReadNext();
        var writer = spool.BeginMessage(spool.NextMid());
        var queue = spool.ReadQueue();
        await spool.DisposeAsync();
        await spool.DisposeAsync();

        Assert.False(spool.IsOpen);
        Assert.ThrowsAny<SpoolException>(() => reader.ReadNext());
        Assert.ThrowsAny<SpoolException>(() => spool.OpenBody(new Mid(1)));
        Assert.ThrowsAny<SpoolException>(() => queue.Count());
        Assert.ThrowsAny<SpoolException>(() => spool.BeginMessage(new Mid(9)));
        await Assert.ThrowsAnyAsync<SpoolException>(
            async () => await writer.AppendAsync(new byte[1], CancellationToken.None));
        await Assert.ThrowsAnyAsync<SpoolException>(async () => await writer.CommitAsync(Samples.Message(new Mid(2))));
        var change = new SpoolChange();
        change.Removed.Add(new Mid(1));
        await Assert.ThrowsAnyAsync<SpoolException>(async () => await spool.CommitAsync(change));
        reader.Dispose();
        await writer.DisposeAsync();
    }

    [Fact]
    public async Task What_waits_at_the_end_is_still_written()
    {
        using var folder = new TestFolder();
        var spool = folder.Open();
        var commits = Enumerable.Range(0, 500)
            .Select(i => Samples.CommitAsync(spool, Samples.Message(spool.NextMid()), Samples.Body(i, 2000))).ToList();
        await spool.DisposeAsync();
        await Task.WhenAll(commits).ContinueWith(_ => { }, TaskScheduler.Default);
        var stored = commits.Count(commit => commit.IsCompletedSuccessfully);
        await using var again = folder.Open();
        Assert.Equal(stored, again.ReadQueue().Count());
        Assert.True(stored > 0);
    }

    [Fact]
    public async Task A_store_opens_again_while_a_child_that_was_just_forked_has_all_descriptors_of_its_last_use()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "descriptors are named in /proc");
        using var folder = new TestFolder();
        List<SafeFileHandle> ofTheChild;
        await using (folder.Open())
        {
            // What a fork gives to the child until its exec, whose end no test can choose.
            ofTheChild = [.. Directory.GetFileSystemEntries("/proc/self/fd")
                .Where(name => new FileInfo(name).LinkTarget?.StartsWith(folder.Path, StringComparison.Ordinal) == true)
                .Select(name => int.Parse(Path.GetFileName(name), CultureInfo.InvariantCulture))
                .Select(descriptor => new SafeFileHandle(Duplicate(descriptor), ownsHandle: true))];
        }
        Assert.NotEmpty(ofTheChild);
        await using (folder.Open()) { }
        ofTheChild.ForEach(descriptor => descriptor.Dispose());
    }

    [Fact]
    public async Task A_message_may_be_removed_while_its_body_is_read()
    {
        using var folder = new TestFolder();
        await using var spool = folder.Open();
        await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()), Samples.Body(1, 200_000));
        using var reader = spool.OpenBody(new Mid(1));
        Assert.Equal(200_000, reader.Length);
        reader.ReadNext();
        var change = new SpoolChange();
        change.Removed.Add(new Mid(1));
        await spool.CommitAsync(change);
        Assert.ThrowsAny<SpoolException>(() => reader.ReadNext());
    }

    [Fact]
    public async Task Readers_of_a_store_that_closes_get_an_exception()
    {
        using var folder = new TestFolder();
        for (var round = 0; round < 5; round++)
        {
            var spool = folder.Open();
            var mid = spool.NextMid();
            await Samples.CommitAsync(spool, Samples.Message(mid), Samples.Body(1, 500_000));
            var started = new CountdownEvent(4);
            var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                started.Signal();
                for (; ; )
                    Samples.ReadBody(spool, mid);
            })).ToList();
            started.Wait();
            await spool.DisposeAsync();
            foreach (var reader in readers)
                await Assert.ThrowsAnyAsync<SpoolException>(() => reader);
        }
    }

    [Fact]
    public async Task A_writer_is_for_one_message_and_the_MID_it_was_begun_with()
    {
        using var folder = new TestFolder();
        await using var spool = folder.Open();
        await using var writer = spool.BeginMessage(spool.NextMid());
        await Assert.ThrowsAsync<ArgumentException>(async () => await writer.CommitAsync(Samples.Message(new Mid(8))));
        await writer.CommitAsync(Samples.Message(new Mid(1)));
        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await writer.CommitAsync(Samples.Message(new Mid(1))));
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);
}
