using Microsoft.Extensions.Time.Testing;
using Postern.Mail;

namespace Postern.Spool.Tests;

/// <summary>The two thresholds of free space (hardening V2), with a disk that says what a test wants.</summary>
public sealed class FreeSpaceTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private long _free = 1_000;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Below_the_soft_one_nothing_new_begins_and_what_has_begun_goes_on()
    {
        await using var spool = Open();
        Assert.True(spool.HasRoomFor(0));
        Assert.True(spool.HasRoomFor(800));
        Assert.False(spool.HasRoomFor(801));
        Free(199);

        Assert.False(spool.HasRoomFor(0));
        await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()), Samples.Body(1, 10));
        Free(200);
        Assert.True(spool.HasRoomFor(0));
    }

    [Fact]
    public async Task Below_the_hard_one_only_what_ends_mail_and_doubt_is_written()
    {
        await using (var spool = Open())
        {
            for (var i = 0; i < 4; i++)
                await Samples.CommitAsync(spool, Samples.Message(spool.NextMid(), recipients: 2), Samples.Body(1, 10));
            var half = spool.BeginMessage(spool.NextMid());
            await half.AppendAsync(Samples.Body(1, 10), CancellationToken.None);
            Free(99);

            await Assert.ThrowsAsync<SpoolFullException>(
                async () => await half.AppendAsync(Samples.Body(1, 10), CancellationToken.None));
            await Assert.ThrowsAsync<SpoolFullException>(
                async () => await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()), []));
            var change = new SpoolChange();
            change.Removed.Add(new Mid(1));
            change.Finished.Add((new Mid(2), new Rid(0)));
            change.States.Add((new Mid(3), new Rid(0), new RecipientState { Rounds = 7, Reason = WaitReason.Mail }));
            change.States.Add((new Mid(4), new Rid(0), Samples.FullState));
            change.Generated.Add((Samples.Message(new Mid(100)), Samples.Body(2, 100)));
            await spool.CommitAsync(change);
        }
        await using var again = _folder.Open();
        var queue = again.ReadQueue().ToDictionary(message => message.Mid.Value);
        Assert.Equal([2L, 3, 4, 100], queue.Keys);
        Assert.Single(queue[2].Recipients);
        Assert.Equal(0, queue[3].Recipients[0].State.Rounds);
        Assert.Equal(99, queue[4].Recipients[0].State.Rounds);
    }

    [Fact]
    public async Task Below_the_hard_one_what_must_hold_is_written()
    {
        var state = new RecipientState { Rounds = 1, Redirect = "10.0.0.2:2525", IsWarned = true };
        await using (var spool = Open())
        {
            await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()), Samples.Body(1, 10));
            Free(99);
            var change = new SpoolChange { MustHold = true };
            change.States.Add((new Mid(1), new Rid(0), state));
            await spool.CommitAsync(change);
            Assert.False(change.LeavesStatesOut);
        }
        await using var again = _folder.Open();
        var stored = again.ReadQueue().Single().Recipients[0].State;
        Assert.Equal((1, "10.0.0.2:2525", true), (stored.Rounds, stored.Redirect, stored.IsWarned));
    }

    [Fact]
    public async Task Each_passing_of_a_threshold_is_told_once_and_other_thresholds_are_taken_up()
    {
        await using var spool = Open();
        var told = new SemaphoreSlim(0);
        var levels = new List<(SpaceLevel, long)>();
        spool.SpaceChanged += (level, octets) =>
        {
            levels.Add((level, octets));
            told.Release();
        };
        foreach (var free in (long[])[150, 140, 50, 1_000])
        {
            Free(free);
            spool.HasRoomFor(0);
            spool.HasRoomFor(0);
            if (free != 140) await told.WaitAsync(TestContext.Current.CancellationToken);
        }
        Assert.Equal([(SpaceLevel.Low, 150), (SpaceLevel.Critical, 50), (SpaceLevel.Enough, 1_000)], levels);

        spool.UseThresholds(new SpaceThresholds { Soft = 2_000, Hard = 0 });
        Assert.False(spool.HasRoomFor(0));
    }

    private MailSpool Open() => MailSpool.Open(new SpoolOptions(_folder.Path)
    {
        Space = new SpaceThresholds { Soft = 200, Hard = 100 },
        FreeOctets = () => Volatile.Read(ref _free),
    }, _time);

    // The disk is asked once a second.
    private void Free(long octets)
    {
        Volatile.Write(ref _free, octets);
        _time.Advance(TimeSpan.FromSeconds(1));
    }
}
