using Postern.Mail;

namespace Postern.Spool.Tests;

/// <summary>
/// Hardening §1.3: what a failed sync may and may not do. Faults are real: strace makes the system call fail.
/// </summary>
public sealed class FailedSyncTests
{
    /// <summary>strace counts the calls of each thread; opening needs fewer than these.</summary>
    private const string CommitThatFails = "20";

    [Theory]
    [InlineData("fdatasync", "EIO", CommitThatFails)]
    [InlineData("write", "ENOSPC", "60")]
    public async Task The_451_is_final_the_store_reopens_and_the_outcome_is_kept(string call, string error, string when)
    {
        using var folder = new TestFolder();
        using var child = ChildProcess.Start("fail", folder.Path, ChildProcess.Failing(call, error, when));
        await child.ReadToEndAsync();

        var refused = Assert.Single(child.Numbers("451"));
        Assert.Contains("reopened", child.Lines);
        Assert.Single(child.Lines, line => line.StartsWith("closed ", StringComparison.Ordinal));
        await using var spool = folder.Open();
        Assert.Equal(child.Numbers("ok"), spool.ReadQueue().Select(message => message.Mid.Value));
        Assert.Equal([refused], child.Numbers("rounds"));
    }

    /// <summary>
    /// Hardening §1.7: a sync error at every N-th sync, those of the opening and the reopening included.
    /// </summary>
    [Fact]
    public async Task Whichever_sync_fails_what_was_accepted_is_there_and_what_was_refused_is_not() =>
        await Parallel.ForEachAsync(Enumerable.Range(1, 32), new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (when, _) =>
            {
                using var folder = new TestFolder();
                var failing = ChildProcess.Failing("fdatasync,fsync", "EIO", $"{when}..{when + 2}");
                using var child = ChildProcess.Start("fail", folder.Path, failing);
                await child.ReadToEndAsync();
                await using var spool = folder.Open();
                Assert.Equal(child.Numbers("ok"), spool.ReadQueue().Select(message => message.Mid.Value));
                Assert.Contains(child.Lines, line => line.StartsWith("451", StringComparison.Ordinal)
                    || line.StartsWith("cannot open", StringComparison.Ordinal));
            });

    [Fact]
    public async Task A_crash_between_the_451_and_the_deletion_does_not_bring_the_message_back()
    {
        using var folder = new TestFolder();
        // Every sync from then on fails, so that the message cannot be deleted before the process dies.
        var failing = ChildProcess.Failing("fdatasync", "EIO", CommitThatFails + "+");
        using var child = ChildProcess.Start("fail-and-die", folder.Path, failing);
        await child.ReadToEndAsync();
        var refused = Assert.Single(child.Numbers("451"));

        // Without the list the message is there: the list, and nothing else, is what keeps the promise.
        using (var control = folder.Copy())
        {
            File.Delete(Path.Combine(control.Path, "refused"));
            await using var resurrected = control.Open();
            Assert.Contains(resurrected.ReadQueue(), message => message.Mid.Value == refused);
        }
        await using (var spool = folder.Open())
            Assert.Equal(child.Numbers("ok"), spool.ReadQueue().Select(message => message.Mid.Value));
        await using var again = folder.Open();
        Assert.Equal(child.Numbers("ok"), again.ReadQueue().Select(message => message.Mid.Value));
    }

    [Fact]
    public async Task A_list_whose_sync_fails_is_none_and_the_next_one_is_another_file()
    {
        using var folder = new TestFolder();
        var list = RefusedMids.FileIn(folder.Path);
        using var child = ChildProcess.Start(
            "list", folder.Path, [.. ChildProcess.Failing("fsync", "EIO", "1+"), "-P", list]);
        await child.ReadToEndAsync();

        // The first is made beside its place, the second is written in it, and the third is made again.
        Assert.Equal(["listed 1", "not listed 2", "listed 3"], child.Lines);
        Assert.Equal([new Mid(3)], new RefusedMids(folder.Path).Read());
    }

    [Fact]
    public async Task Nobody_is_answered_451_before_the_message_is_listed_or_gone()
    {
        using var folder = new TestFolder();
        var failing = ChildProcess.Failing("fdatasync", "EIO", CommitThatFails);
        using var child = ChildProcess.Start("fail-unrecorded", folder.Path, failing);
        await child.ReadToEndAsync();

        Assert.Contains("answered False", child.Lines);
        Assert.Contains("refused after the reopening", child.Lines);
        await using var spool = folder.Open();
        Assert.DoesNotContain(new Mid(Assert.Single(child.Numbers("failing"))), spool.ReadQueue().Select(m => m.Mid));
    }
}
