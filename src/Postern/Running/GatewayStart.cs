using System.Diagnostics.CodeAnalysis;

namespace Postern.Running;

/// <summary>A gateway that runs, or the errors because of which none does; each error is one line.</summary>
public sealed record GatewayStart(Gateway? Gateway, IReadOnlyList<string> Errors)
{
    /// <summary>It runs.</summary>
    [MemberNotNullWhen(true, nameof(Gateway))]
    public bool IsRunning => Gateway is not null;

    internal static GatewayStart Failed(params IReadOnlyList<string> errors) => new(null, errors);
}
