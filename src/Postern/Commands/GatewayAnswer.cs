using System.Diagnostics.CodeAnalysis;

namespace Postern.Commands;

/// <summary>What the running gateway answered, or why it did not.</summary>
/// <param name="Value">The answer; null: see <paramref name="Failure"/>.</param>
/// <param name="Failure">The reason in one line.</param>
/// <param name="IsRunning">False: no gateway runs, as far as can be seen.</param>
internal sealed record GatewayAnswer<T>(T? Value, string Failure, bool IsRunning)
    where T : class
{
    /// <summary>There is an answer.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    public bool IsDone => Value is not null;
}
