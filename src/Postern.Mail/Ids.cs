using System.Globalization;

namespace Postern.Mail;

/// <summary>An incoming connection; 0 for what the gateway makes itself. Unique and growing, across restarts.</summary>
public readonly record struct Icid(long Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A message. Unique and growing, across restarts; never 0.</summary>
public readonly record struct Mid(long Value) : IComparable<Mid>
{
    /// <inheritdoc/>
    public int CompareTo(Mid other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A recipient in a message, counted from 0.</summary>
public readonly record struct Rid(int Value) : IComparable<Rid>
{
    /// <inheritdoc/>
    public int CompareTo(Rid other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>An outgoing connection; 0 where there was none. Unique and growing, across restarts.</summary>
public readonly record struct Dcid(long Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
