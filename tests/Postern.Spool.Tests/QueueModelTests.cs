using CsCheck;

namespace Postern.Spool.Tests;

/// <summary>Random histories, with restarts in between, against a dictionary.</summary>
public sealed class QueueModelTests
{
    private static readonly int[] Sizes = [0, 1, 3000, 65_536, 65_537, 150_000];

    private static readonly Gen<(int Kind, int Pick, int Size)[]> Histories =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 1000], Gen.Int[0, 5]).Array[1, 60];

    [Fact]
    public void The_store_holds_what_a_dictionary_would() =>
        Histories.Sample(history => RunAsync(history).GetAwaiter().GetResult(), iter: 40, threads: 1);

    private static async Task RunAsync((int Kind, int Pick, int Size)[] history)
    {
        using var folder = new TestFolder();
        var model = new SortedDictionary<long, (StoredMessage Message, byte[] Body)>();
        var spool = folder.Open();
        foreach (var (kind, pick, size) in history)
        {
            if (kind == 0)
            {
                await spool.DisposeAsync();
                spool = folder.Open();
                Compare(spool, model);
            }
            else if (kind <= 3 || model.Count == 0)
            {
                await CommitAsync(spool, model, pick, Sizes[size]);
            }
            else if (kind == 4)
            {
                await using var writer = spool.BeginMessage(spool.NextMid());
                await writer.AppendAsync(new byte[Sizes[size]], CancellationToken.None);
            }
            else
            {
                await ChangeAsync(spool, model, kind, pick, Sizes[size]);
            }
        }
        Compare(spool, model);
        await spool.DisposeAsync();
    }

    private static async Task CommitAsync(
        MailSpool spool, SortedDictionary<long, (StoredMessage Message, byte[] Body)> model, int pick, int size)
    {
        var mid = spool.NextMid();
        var message = pick % 5 == 0 ? Samples.Full(mid) : Samples.Message(mid, 1 + pick % 4);
        var body = Samples.Body(pick, size);
        await Samples.CommitAsync(spool, message, body);
        model.Add(mid.Value, (message, body));
    }

    /// <summary>A state, a result, a removal or a removal with its bounce, of any message.</summary>
    private static async Task ChangeAsync(
        MailSpool spool, SortedDictionary<long, (StoredMessage Message, byte[] Body)> model,
        int kind, int pick, int size)
    {
        var (mid, (message, body)) = model.ElementAt(pick % model.Count);
        var change = new SpoolChange();
        if (kind <= 7 && message.Recipients.Count > 0)
        {
            var recipients = message.Recipients.ToList();
            var at = pick % recipients.Count;
            var rid = recipients[at].Recipient.Rid;
            if (kind == 7)
            {
                change.Finished.Add((message.Mid, rid));
                recipients.RemoveAt(at);
            }
            else
            {
                recipients[at] = recipients[at] with { State = Samples.FullState with { Rounds = pick, Due = null } };
                change.States.Add((message.Mid, rid, recipients[at].State));
            }
            model[mid] = (message with { Recipients = recipients }, body);
        }
        else
        {
            change.Removed.Add(message.Mid);
            model.Remove(mid);
        }
        if (kind == 9)
        {
            var bounce = Samples.Message(spool.NextMid());
            var content = Samples.Body(pick + 1, size);
            change.Generated.Add((bounce, content));
            model.Add(bounce.Mid.Value, (bounce, content));
        }
        await spool.CommitAsync(change);
    }

    private static void Compare(MailSpool spool, SortedDictionary<long, (StoredMessage Message, byte[] Body)> model)
    {
        var queue = spool.ReadQueue().ToList();
        Assert.Equal(model.Values.Select(entry => Samples.Describe(entry.Message)), queue.Select(Samples.Describe));
        foreach (var message in queue)
            Assert.Equal(model[message.Mid.Value].Body, Samples.ReadBody(spool, message.Mid));
        Assert.Empty(spool.Damaged);
    }
}
