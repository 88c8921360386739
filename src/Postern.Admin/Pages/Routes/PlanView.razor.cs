using Microsoft.AspNetCore.Components;
using Postern.Routing;

namespace Postern.Admin.Pages.Routes;

/// <summary>Shows what a change of the table would do.</summary>
public partial class PlanView
{
    private const int MostOfAKind = 50;

    /// <summary>The change; it has a difference.</summary>
    [Parameter, EditorRequired] public RoutesChange Plan { get; set; } = null!;

    /// <summary>Queued recipients that would go to other hosts.</summary>
    [Parameter, EditorRequired] public int Elsewhere { get; set; }

    private IEnumerable<(char Sign, string Text)> Lines
    {
        get
        {
            var difference = Plan.Difference!;
            foreach (var route in difference.Removed.Take(MostOfAKind)) yield return ('-', TextOf(route));
            foreach (var altered in difference.Altered.Take(MostOfAKind))
            {
                yield return ('-', TextOf(altered.Before));
                yield return ('+', TextOf(altered.After));
            }
            foreach (var route in difference.Added.Take(MostOfAKind)) yield return ('+', TextOf(route));
            var more = new[] { difference.Removed.Count, difference.Altered.Count, difference.Added.Count }
                .Sum(count => Math.Max(0, count - MostOfAKind));
            if (more > 0) yield return ('…', T["and {0} more", more]);
        }
    }

    private static string TextOf(SmtpRoute route) => $"{route.Key} {route.Target}";
}
