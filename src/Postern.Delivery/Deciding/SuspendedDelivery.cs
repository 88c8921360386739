namespace Postern.Delivery.Deciding;

/// <summary>What an operator has suspended: mail comes in and waits, what is under way ends. Immutable.</summary>
/// <param name="All">Delivery to every domain.</param>
/// <param name="Domains">Receiving domains: A-labels in lower case, or addresses in brackets.</param>
public sealed record SuspendedDelivery(bool All, IReadOnlySet<string> Domains)
{
    /// <summary>Nothing.</summary>
    public static SuspendedDelivery None { get; } = new(false, new HashSet<string>());

    /// <summary>Mail for a receiving domain waits.</summary>
    public bool Includes(string receivingDomain) => All || Domains.Contains(receivingDomain);
}
