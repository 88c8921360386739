using Microsoft.AspNetCore.Http;
using Postern.Routing;

namespace Postern.Admin.Auditing;

/// <summary>What an action says of itself for its entry, while it runs. For one action.</summary>
public sealed class AuditNote
{
    private const int MaxRoutes = 20;

    /// <summary>What it replaces; null: nothing.</summary>
    public string? Before { get; set; }

    /// <summary>What stands there now, or how much was changed; null: nothing.</summary>
    public string? After { get; set; }

    /// <summary>What became of it.</summary>
    public AuditResult Result { get; set; }

    /// <summary>Why it was refused or failed.</summary>
    public string? Detail { get; set; }

    /// <summary>The first routes of a change, as they stood there and as they stand there now.</summary>
    public void Note(RoutesDifference difference)
    {
        (Before, After) = (difference.Before(MaxRoutes), difference.After(MaxRoutes));
        if (Before.Length == 0) Before = null;
        if (After.Length == 0) After = null;
    }

    /// <summary>An entry with what this says.</summary>
    public AuditEntry On(AuditEntry entry) =>
        entry with { Before = Before, After = After, Result = Result, Detail = Detail };

    /// <summary>The note of a request; one that nobody reads where no entry is written.</summary>
    public static AuditNote Of(HttpContext context)
    {
        if (context.Items.TryGetValue(typeof(AuditNote), out var note)) return (AuditNote)note!;
        var made = new AuditNote();
        context.Items[typeof(AuditNote)] = made;
        return made;
    }
}
