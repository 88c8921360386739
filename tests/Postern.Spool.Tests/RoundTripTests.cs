using Postern.Mail;

namespace Postern.Spool.Tests;

/// <summary>What is committed is found again, field by field and octet by octet.</summary>
public sealed class RoundTripTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(65537)]
    [InlineData(131072)]
    [InlineData(1_000_003)]
    public async Task A_body_of_any_size_comes_back_octet_by_octet(int octets)
    {
        using var folder = new TestFolder();
        var body = Samples.Body(octets, octets);
        await using (var spool = folder.Open())
        {
            await Samples.CommitAsync(spool, Samples.Message(spool.NextMid()), body);
            Assert.Equal(body, Samples.ReadBody(spool, new Mid(1)));
        }
        await using var again = folder.Open();
        Assert.Equal(body, Samples.ReadBody(again, new Mid(1)));
    }

    [Fact]
    public async Task A_message_is_read_with_those_of_its_recipients_that_are_asked_for()
    {
        using var folder = new TestFolder();
        await using var spool = folder.Open();
        var full = Samples.Full(spool.NextMid());
        await Samples.CommitAsync(spool, full, []);
        Rid[] asked = [new(0), new(9)];
        var read = spool.ReadMessage(full.Mid, asked)!;
        Assert.Equal(full.Envelope, read.Envelope);
        Assert.Equal(asked, read.Recipients.Select(r => r.Recipient.Rid));
        Assert.Equal([full.Recipients[0].Recipient, full.Recipients[2].Recipient],
            read.Recipients.Select(r => r.Recipient));
        Assert.Equal([(99, WaitReason.Uncertain), (1, WaitReason.Pace)],
            read.Recipients.Select(r => (r.State.Rounds, r.State.Reason)));
        Assert.Equal(Samples.FullState.Attempts, read.Recipients[0].State.Attempts);

        var change = new SpoolChange();
        change.Finished.Add((full.Mid, new Rid(0)));
        await spool.CommitAsync(change);
        Assert.Equal(new Rid(9), Assert.Single(spool.ReadMessage(full.Mid, asked)!.Recipients).Recipient.Rid);
        Assert.Null(spool.ReadMessage(new Mid(2), asked));
    }

    [Fact]
    public async Task Every_field_comes_back_after_a_restart()
    {
        using var folder = new TestFolder();
        StoredMessage full;
        StoredMessage bounce;
        await using (var spool = folder.Open())
        {
            full = Samples.Full(spool.NextMid());
            bounce = new StoredMessage(spool.NextMid(), new Icid(0), new Envelope(), DateTimeOffset.UnixEpoch)
            {
                Recipients = full.Recipients,
            };
            await Samples.CommitAsync(spool, full, Samples.Body(1, 10));
            var change = new SpoolChange();
            change.Generated.Add((bounce, Samples.Body(2, 70_000)));
            await spool.CommitAsync(change);
        }
        await using var again = folder.Open();
        Assert.Equal([Samples.Describe(full), Samples.Describe(bounce)], again.ReadQueue().Select(Samples.Describe));
        Assert.Equal(Samples.Body(2, 70_000), Samples.ReadBody(again, bounce.Mid));
        Assert.Empty(again.Damaged);
    }

    [Fact]
    public async Task An_outcome_replaces_states_drops_the_finished_and_removes_in_one_commit()
    {
        using var folder = new TestFolder();
        var state = Samples.FullState;
        await using (var spool = folder.Open())
        {
            await Samples.CommitAsync(spool, Samples.Message(spool.NextMid(), recipients: 3), []);
            await Samples.CommitAsync(spool, Samples.Message(spool.NextMid(), recipients: 2), Samples.Body(1, 200_000));
            var first = new SpoolChange();
            first.States.Add((new Mid(1), new Rid(2), new RecipientState { Rounds = 1 }));
            first.States.Add((new Mid(2), new Rid(1), state));
            await spool.CommitAsync(first);
            var second = new SpoolChange();
            second.States.Add((new Mid(1), new Rid(2), state));
            second.Finished.Add((new Mid(1), new Rid(0)));
            second.Removed.Add(new Mid(2));
            await spool.CommitAsync(second);
        }
        await using var again = folder.Open();
        var left = Assert.Single(again.ReadQueue());
        Assert.Equal([1, 2], left.Recipients.Select(recipient => recipient.Recipient.Rid.Value));
        Assert.Equal(99, left.Recipients[1].State.Rounds);
        Assert.Throws<SpoolException>(() => again.OpenBody(new Mid(2)));
    }

    [Fact]
    public async Task Removing_a_message_leaves_nothing_of_it()
    {
        using var folder = new TestFolder();
        await using (var spool = folder.Open())
        {
            var message = Samples.Full(spool.NextMid());
            await Samples.CommitAsync(spool, message, Samples.Body(1, 200_000));
            var change = new SpoolChange();
            change.Removed.Add(message.Mid);
            await spool.CommitAsync(change);
        }
        Assert.Equal(8, RawStore.Keys(folder).Count);
    }
}
