using System.Globalization;

namespace Failover;

/// <summary>What Postern has to reach beside its peers, case by case.</summary>
internal static class Verdict
{
    private const double LeastKept = 0.9;
    private const double LatestUse = 1;
    // The one that is being opened while the first answer that tells of the trouble is on its way.
    private const int Unforeseen = 1;

    /// <summary>What does not hold, a sentence each; empty: all does, or Postern was not measured.</summary>
    public static IEnumerable<string> Complaints(IReadOnlyList<Figures> runs)
    {
        foreach (var ours in runs.Where(run => run.Gateway == "postern"))
        {
            var peers = runs.Where(run => run.Trouble == ours.Trouble && run.Gateway != "postern");
            foreach (var complaint in About(ours).Concat(peers.SelectMany(peer => Beside(ours, peer))))
            {
                yield return $"({Report.Letter(ours.Trouble)}) {complaint}";
            }
        }

        foreach (var complaint in InAll(runs))
        {
            yield return complaint;
        }
    }

    private static IEnumerable<string> InAll(IReadOnlyList<Figures> runs)
    {
        var sums = runs.GroupBy(run => run.Gateway).ToDictionary(g => g.Key, g => g.Sum(run => run.Fruitless));
        if (!sums.Remove("postern", out var ours) || ours == 0)
        {
            yield break;
        }

        foreach (var (gateway, sum) in sums.Where(peer => ours >= peer.Value))
        {
            yield return $"in all {ours} connections for nothing, and {gateway} had {sum}";
        }
    }

    private static IEnumerable<string> About(Figures ours)
    {
        // A rate that is no number, since nothing arrived, holds nothing either.
        if (ours.Trouble != Trouble.Rcpt451 && !(ours.Kept >= LeastKept))
        {
            yield return Say($"{ours.Kept * 100:F0} % of the healthy rate, not {LeastKept * 100:F0} %");
        }

        if (ours.UsedAgain is not { } again)
        {
            yield return "the host was not used again";
        }
        else if (!(again <= ours.LeftOut + LatestUse))
        {
            yield return Say($"the host was used again after {again:F1} s, and left out for {ours.LeftOut:F1} s");
        }

        if (ours.Lost > 0)
        {
            yield return $"{ours.Lost} messages lost";
        }

        if (ours.Doubled > 0)
        {
            yield return $"{ours.Doubled} messages doubled";
        }
    }

    private static IEnumerable<string> Beside(Figures ours, Figures peer)
    {
        if (ours.Fruitless > Unforeseen && ours.Fruitless >= peer.Fruitless)
        {
            yield return $"{ours.Fruitless} connections for nothing, and {peer.Gateway} had {peer.Fruitless}";
        }
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
