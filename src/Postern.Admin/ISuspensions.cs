namespace Postern.Admin;

/// <summary>What an operator has suspended; durable before a change is in force. Any thread may call it.</summary>
public interface ISuspensions
{
    /// <summary>What is suspended now.</summary>
    SuspensionReport Report { get; }

    /// <summary>Suspends or resumes delivery to a receiving domain; null: to all.</summary>
    /// <exception cref="IOException">It cannot be made durable; nothing has changed.</exception>
    Task<SuspensionReport> SetDeliveryAsync(string? domain, bool suspend);

    /// <summary>Suspends or resumes a listener; null: all.</summary>
    /// <returns>Null: there is no listener of that name.</returns>
    /// <exception cref="IOException">It cannot be made durable, or the address cannot be bound.</exception>
    Task<SuspensionReport?> SetListenerAsync(string? name, bool suspend);
}

/// <summary>What is suspended. Immutable.</summary>
/// <param name="AllDelivery">Delivery to every domain.</param>
/// <param name="Domains">Receiving domains whose delivery is suspended beside that.</param>
/// <param name="Listeners">Listeners that take no connections.</param>
public sealed record SuspensionReport(
    bool AllDelivery, IReadOnlyList<string> Domains, IReadOnlyList<string> Listeners);
