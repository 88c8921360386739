using CsCheck;
using Postern.Delivery.Deciding;
using Postern.Delivery.Tests.Simulation;

namespace Postern.Delivery.Tests;

/// <summary>Turns against exact shares (contract §3, choosing, 2), for any weights and order of answers.</summary>
public sealed class TurnsTests
{
    // Weights as in a route; the numbers that follow decide how many unanswered messages are answered before each turn.
    private static readonly Gen<(int[] Weights, int[] Answers)> Cases =
        Gen.Select(Gen.Int[1, 20].Array[1, 8], Gen.Int[0, 3].Array[1, 400]);

    [Fact]
    public void No_host_is_ever_more_than_one_message_times_its_weight_from_its_share() => Cases.Sample(c =>
    {
        var entries = Entries(c.Weights);
        var taken = new int[entries.Length];
        var total = c.Weights.Sum();
        for (var turn = 1; turn <= c.Answers.Length; turn++)
        {
            var index = Turns.Take(entries);
            taken[index]++;
            entries[index].InFlight++;
            // While no host has more than a few unanswered messages: those of this turn are answered at once, or the
            // host that has most is.
            if (entries[index].InFlight > Turns.Few * entries[index].Weight) entries[index].InFlight = 0;
            for (var answered = c.Answers[turn - 1]; answered > 0; answered--)
                if (entries.MaxBy(e => e.InFlight) is { InFlight: > 0 } most) most.InFlight--;
            for (var i = 0; i < entries.Length; i++)
            {
                var share = (double)turn * c.Weights[i] / total;
                Assert.True(Math.Abs(taken[i] - share) <= entries[i].Weight,
                    $"after {turn} turns host {i} has {taken[i]}, its share is {share}");
            }
        }
    }, iter: 2_000);

    [Fact]
    public void Starts_do_not_always_begin_with_the_same_host()
    {
        var begun = new HashSet<string>();
        for (var start = 1; start <= 40; start++)
        {
            var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2, 10.0.0.3\n", seed: start);
            foreach (var name in (string[])["10.0.0.1", "10.0.0.2", "10.0.0.3"]) world.Host(name);
            world.Accept("bob@example.com");
            world.Run(TimeSpan.FromMilliseconds(1));
            begun.Add(Assert.Single(world.Attempts).Host);
        }
        Assert.Equal(3, begun.Count);
    }

    [Fact]
    public void A_slow_host_gets_no_more_than_a_few_while_its_equals_answer() => Cases.Sample(c =>
    {
        if (c.Weights.Length == 1) return;
        var entries = Entries(c.Weights);
        // The first host answers nothing, the others answer at once.
        for (var turn = 0; turn < c.Answers.Length; turn++)
            if (Turns.Take(entries) == 0) entries[0].InFlight++;
        Assert.InRange(entries[0].InFlight, 0, Turns.Few * entries[0].Weight + 1);
    }, iter: 500);

    [Fact]
    public void A_host_that_was_out_is_not_flooded_when_it_is_back() => Cases.Sample(c =>
    {
        var entries = Entries(c.Weights);
        var rest = entries[1..];
        if (rest.Length == 0) return;
        foreach (var _ in c.Answers) Turns.Take(rest);
        // Back, it takes its turns like anybody from now on.
        var total = c.Weights.Sum();
        var got = 0;
        for (var turn = 1; turn <= 3 * total; turn++)
        {
            if (Turns.Take(entries) == 0) got++;
            Assert.True(got <= ((double)turn * c.Weights[0] / total) + c.Weights[0] + 1, $"{got} of {turn}");
        }
    }, iter: 500);

    private static PlanEntry[] Entries(int[] weights) =>
        [.. weights.Select((w, i) => new PlanEntry { Text = $"{i}", Port = 25, Weight = w, TieBreak = i })];
}
