using System.Globalization;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;

namespace Postern.Delivery.Tests;

/// <summary>
/// Many runs in which anything may happen: whatever does, every step follows the rules (see
/// <see cref="DeliveryModel"/>), and everything is delivered or reported once hosts are well. A failing seed is told,
/// and <c>POSTERN_SEED=17 dotnet test tests/Postern.Delivery.Tests</c> runs that seed alone.
/// </summary>
public sealed class SimulationTests
{
    private const int Seeds = 300;

    /// <summary>The seeds of a run in CI.</summary>
    public static IEnumerable<TheoryDataRow<int>> AllSeeds => SeedsTo(Seeds);

    /// <summary>The seeds of the long runs.</summary>
    public static IEnumerable<TheoryDataRow<int>> LongSeeds => SeedsTo(2);

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public void Every_step_follows_the_rules_and_nothing_is_lost_or_doubled(int seed) => Run(seed, 150, 8);

    [Theory]
    [MemberData(nameof(LongSeeds))]
    public void The_same_holds_for_tens_of_thousands_of_messages(int seed) => Run(1_000_000 + seed, 1_000, 45);

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public void What_cannot_be_delivered_expires_once(int seed)
    {
        var chance = new Random(seed);
        var scenario = new SimScenario(seed, new()
        {
            MaxTimeInQueue = TimeSpan.FromMinutes(chance.Next(2, 30)),
            MaxRetries = chance.Next(1, 20),
        });
        Replayable(seed, scenario, () =>
        {
            for (var i = 0; i < 60; i++) scenario.Step(6);
            scenario.World.Run(TimeSpan.FromHours(2));
            Assert.Empty(scenario.World.Stored);
            Assert.Empty(scenario.World.Model.Recipients);
            var bounced = scenario.World.Log.OfType<Bounced>().Select(b => (b.Mid, b.Rid)).ToList();
            Assert.Equal(bounced.Count, bounced.Distinct().Count());
        });
    }

    private static void Run(int seed, int steps, int burst)
    {
        var scenario = new SimScenario(seed);
        Replayable(seed, scenario, () =>
        {
            for (var i = 0; i < steps; i++) scenario.Step(burst);
            scenario.Heal();
            scenario.World.Run(TimeSpan.FromHours(30));
            Assert.Empty(scenario.World.Stored);
            Assert.Empty(scenario.World.Model.Recipients);
            Assert.DoesNotContain(scenario.World.Log.OfType<GatewayNotice>(), n => n.Level == "Critical");
            Assert.True(scenario.World.Scheduler.Queues.Count == 0, "queues stay behind");
            Assert.True(scenario.Explained > steps / 20, $"only {scenario.Explained} explanations were compared");
        });
    }

    private static void Replayable(int seed, SimScenario scenario, Action run)
    {
        try
        {
            run();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The lines of the message that the complaint begins with, or else of all.
            var mid = e.Message.StartsWith("MID ", StringComparison.Ordinal) ? $"Mid = {e.Message.Split(' ')[1]}," : "";
            var lines = scenario.World.Log.Zip(scenario.World.LogTimes, (l, t) => $"{t:HH:mm:ss.fff} {l}")
                .Where(l => l.Contains(mid, StringComparison.Ordinal)
                    || l.Contains("HostHealth", StringComparison.Ordinal));
            var last = string.Join('\n', lines.TakeLast(25));
            throw new InvalidOperationException(
                $"POSTERN_SEED={seed} fails at {scenario.World.Now:O}: {e.Message}\nthe log before:\n{last}", e);
        }
    }

    private static IEnumerable<TheoryDataRow<int>> SeedsTo(int count)
    {
        var one = Environment.GetEnvironmentVariable("POSTERN_SEED");
        var seeds = one is null ? Enumerable.Range(1, count) : [int.Parse(one, CultureInfo.InvariantCulture)];
        return seeds.Select(s => new TheoryDataRow<int>(s));
    }
}
