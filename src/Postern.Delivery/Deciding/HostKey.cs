namespace Postern.Delivery.Deciding;

/// <summary>What health is kept for: an address and port, or a name and port while the name has no address.</summary>
public readonly record struct HostKey(string Host, int Port)
{
    /// <inheritdoc/>
    public override string ToString() =>
        Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
