using System.Diagnostics;
using Postern.Mail;

namespace Postern.Spool.Tests;

/// <summary>What a child process does: real files, and an end that no clean-up code sees.</summary>
internal static class Child
{
    /// <summary>By then a sync must have failed where one is made to fail.</summary>
    private const int MostMessages = 200;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["look" or "repair", var folder])
        {
            var use = args[0] == "look" ? StoreUse.Look : StoreUse.Repair;
            using var held = StoreLock.Take(folder, use);
            return await HoldAsync(held);
        }
        if (args[0] == "list") return List(args[1]);
        MailSpool spool;
        try
        {
            spool = MailSpool.Open(new SpoolOptions(args[1]), TimeProvider.System);
        }
        catch (SpoolException e)
        {
            Say($"cannot open: {e.Message}");
            return 1;
        }
        return args[0] switch
        {
            "hold" => await HoldAsync(spool),
            "fill" => await FillAsync(spool),
            "share" => await ShareAsync(spool),
            "upload" => await UploadAsync(spool),
            "fail" => await FailAsync(spool, dies: false),
            "fail-and-die" => await FailAsync(spool, dies: true),
            "fail-unrecorded" => await FailUnrecordedAsync(spool, args[1]),
            _ => 2,
        };
    }

    private static async Task<int> HoldAsync(object held)
    {
        Say("open");
        await Console.In.ReadLineAsync();
        GC.KeepAlive(held);
        return 0;
    }

    /// <summary>Commits and removes for as long as it lives, from eight writers.</summary>
    private static async Task<int> FillAsync(MailSpool spool)
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var i = 0; ; i++)
            {
                var mid = spool.NextMid();
                Say($"id {mid}");
                await Samples.CommitAsync(spool, Samples.Message(mid), Samples.Body((int)mid.Value, 3000));
                Say($"ok {mid}");
                if (i % 3 != writer % 3)
                    continue;
                Say($"going {mid}");
                var change = new SpoolChange();
                change.Removed.Add(mid);
                await spool.CommitAsync(change);
                Say($"gone {mid}");
            }
        }));
        return 0;
    }

    private static async Task<int> ShareAsync(MailSpool spool)
    {
        for (var round = 0; round < 10; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(async () =>
                await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()), Samples.Body(1, 1000)))));
        }
        Say($"syncs {spool.Syncs}");
        await spool.DisposeAsync();
        return 0;
    }

    /// <summary>Half of a long message, made durable by the sync of another, then waits for its end.</summary>
    private static async Task<int> UploadAsync(MailSpool spool)
    {
        var half = spool.BeginMessage(spool.NextMid());
        await half.AppendAsync(Samples.Body(7, 300_000), CancellationToken.None);
        await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()), Samples.Body(8, 10));
        Say("open");
        await Console.In.ReadLineAsync();
        GC.KeepAlive(half);
        return 0;
    }

    /// <summary>
    /// Commits one message after the other while the disk is made to fail at some sync; says what each was answered.
    /// </summary>
    private static async Task<int> FailAsync(MailSpool spool, bool dies)
    {
        var reopened = new TaskCompletionSource();
        spool.Closed += reason => Say($"closed {reason}");
        spool.Reopened += () =>
        {
            Say("reopened");
            reopened.TrySetResult();
        };
        var outcome = default(ValueTask);
        var failed = false;
        for (var sent = 0; !failed && sent < MostMessages; sent++)
        {
            var mid = spool.NextMid();
            // An outcome goes with every message, so that one fails too; not where the sync that fails must be the
            // message's own.
            var change = new SpoolChange();
            if (mid.Value > 1 && !dies)
                change.States.Add((new Mid(1), new Rid(0), new RecipientState { Rounds = (int)mid.Value }));
            outcome = spool.CommitAsync(change);
            failed = !await TryCommitAsync(spool, mid, dies);
        }
        if (!failed)
            return 1;
        await reopened.Task;
        await outcome;
        await TryCommitAsync(spool, spool.NextMid(), dies: false);
        Say($"rounds {spool.ReadQueue().First().Recipients[0].State.Rounds}");
        await spool.DisposeAsync();
        return 0;
    }

    private static async Task<bool> TryCommitAsync(MailSpool spool, Mid mid, bool dies)
    {
        try
        {
            await Samples.CommitAsync(spool, Samples.Message(mid), Samples.Body((int)mid.Value, 100));
            Say($"ok {mid}");
            return true;
        }
        catch (SpoolException)
        {
            Say($"451 {mid}");
            if (dies)
                Process.GetCurrentProcess().Kill();
            return false;
        }
    }

    /// <summary>The list of the refused cannot be written either, until the folder in its way is gone.</summary>
    private static async Task<int> FailUnrecordedAsync(MailSpool spool, string folder)
    {
        var closed = new TaskCompletionSource();
        spool.Closed += _ => closed.TrySetResult();
        File.Delete(Path.Combine(folder, "refused"));
        Directory.CreateDirectory(Path.Combine(folder, "refused"));
        var committed = Task.CompletedTask;
        for (var sent = 0; !closed.Task.IsCompleted && sent < MostMessages; sent++)
        {
            var mid = spool.NextMid();
            committed = Samples.CommitAsync(spool, Samples.Message(mid), Samples.Body(1, 100));
            if (await Task.WhenAny(committed, closed.Task) == closed.Task)
                Say($"failing {mid}");
        }
        Say($"answered {committed.IsCompleted}");
        Directory.Delete(Path.Combine(folder, "refused"));
        await Assert.ThrowsAsync<SpoolException>(() => committed);
        Say("refused after the reopening");
        await spool.DisposeAsync();
        return 0;
    }

    // A list of refused messages whose sync may fail, and the next one.
    private static int List(string folder)
    {
        Directory.CreateDirectory(folder);
        var refused = new RefusedMids(folder);
        foreach (var mid in (long[])[1, 2, 3])
        {
            Say($"{(refused.TryWrite([new Mid(mid)]) ? "listed" : "not listed")} {mid}");
        }
        return 0;
    }

    private static void Say(string line)
    {
        lock (Console.Out)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }
}
