namespace Postern.Commands;

/// <summary>What <c>smtproutes import</c> was asked for.</summary>
internal sealed record ImportRequest(string Source, bool Merge, bool DryRun, bool Yes, bool Json);
