using Crash;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Crash;

/// <summary>Twenty kills take longer than all else, which runs beside them: they come first.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    /// <inheritdoc/>
    public IReadOnlyCollection<T> OrderTestCollections<T>(IReadOnlyCollection<T> testCollections)
        where T : ITestCollection =>
        [.. testCollections.OrderByDescending(one => IsLong(one.TestCollectionDisplayName))];

    private static bool IsLong(string name) =>
        name.EndsWith($".{nameof(CrashTests)}", StringComparison.Ordinal)
        || name.Contains($".{nameof(CrashTests)} ", StringComparison.Ordinal);
}
