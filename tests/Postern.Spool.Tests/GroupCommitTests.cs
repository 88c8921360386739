namespace Postern.Spool.Tests;

/// <summary>Issue 3, item 3: the sync is shared by all that wait for it, and nothing ends before it.</summary>
public sealed class GroupCommitTests
{
    [Fact]
    public async Task A_thousand_messages_of_a_hundred_clients_need_far_fewer_syncs()
    {
        using var folder = new TestFolder();
        using var traces = new TestFolder();
        Directory.CreateDirectory(traces.Path);
        var trace = Path.Combine(traces.Path, "trace");
        using var child = ChildProcess.Start("share", folder.Path,
            "strace", "--seccomp-bpf", "-f", "-qq", "-o", trace, "-e", "trace=fdatasync");
        await child.ReadToEndAsync();

        var counted = Assert.Single(child.Numbers("syncs"));
        var traced = File.ReadLines(trace).Count(line => line.Contains("fdatasync", StringComparison.Ordinal));
        Assert.InRange(counted, 10, 300);
        Assert.InRange(traced, counted, 600);
        await using var spool = folder.Open();
        Assert.Equal(1000, spool.ReadQueue().Count());
    }

    [Fact]
    public async Task No_continuation_runs_on_the_thread_of_the_committer()
    {
        using var folder = new TestFolder();
        await using var spool = folder.Open();
        for (var i = 0; i < 100; i++)
        {
            await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()), []);
            Assert.True(Thread.CurrentThread.IsThreadPoolThread);
        }
    }
}
