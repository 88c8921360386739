using System.Diagnostics.CodeAnalysis;
using Postern.Mail;

namespace Postern.Reception;

/// <summary>
/// The domains of <c>accept_for</c>: <c>example.com</c> is that domain, <c>.example.net</c> every name below it but not
/// itself. Immutable.
/// </summary>
public sealed class RecipientDomains
{
    /// <summary>No domain.</summary>
    public static readonly RecipientDomains None = new([], []);

    private readonly HashSet<string> _exact;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _parents;

    private RecipientDomains(HashSet<string> exact, HashSet<string> parents) =>
        (_exact, _parents) = (exact, parents.GetAlternateLookup<ReadOnlySpan<char>>());

    /// <summary>Reads entries in A-labels or U-labels, any case.</summary>
    /// <param name="entries">In any order.</param>
    /// <param name="domains">All of them.</param>
    /// <param name="error">Names the entry that is none.</param>
    public static bool TryParse(
        IEnumerable<string> entries, [NotNullWhen(true)] out RecipientDomains? domains,
        [NotNullWhen(false)] out string? error)
    {
        domains = null;
        var exact = new HashSet<string>(StringComparer.Ordinal);
        var parents = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var isParent = entry.StartsWith('.');
            if (!Domain.TryParse(isParent ? entry.AsSpan(1) : entry, out var domain))
            {
                error = $"'{entry}' is neither a domain nor a domain behind a dot";
                return false;
            }

            (isParent ? parents : exact).Add(domain.Name);
        }

        error = null;
        domains = new RecipientDomains(exact, parents);
        return true;
    }

    /// <summary>
    /// True when an entry has the domain. Whole labels are compared, so that no suffix is confused (§2.7, 25).
    /// </summary>
    public bool Contains(Domain domain)
    {
        if (_exact.Contains(domain.Name)) return true;
        if (_parents.Set.Count == 0) return false;
        var rest = domain.Name.AsSpan();
        while (rest.IndexOf('.') is var dot and >= 0)
        {
            rest = rest[(dot + 1)..];
            if (_parents.Contains(rest)) return true;
        }

        return false;
    }
}
