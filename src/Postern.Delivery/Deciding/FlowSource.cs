using Postern.Delivery.Reports;

namespace Postern.Delivery.Deciding;

/// <summary>Where mail comes from on its way to a host: a route, a redirection, or a domain that goes by DNS.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Name">The key of the route, the hosts of the redirection, or the receiving domain.</param>
public readonly record struct FlowSource(FlowKind Kind, string Name);
