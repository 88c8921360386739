namespace Postern.Admin.Access;

/// <summary>Why somebody is logged in no more: what the login page says to who was led there.</summary>
public enum SessionEnd
{
    /// <summary>They logged out, or never were logged in: nothing is to be said.</summary>
    None,
    /// <summary>The account has another role.</summary>
    Role,
    /// <summary>The account has another password or second factor.</summary>
    Secret,
    /// <summary>The account is gone.</summary>
    Gone,
    /// <summary>An administrator has logged the account out.</summary>
    Administrator,
    /// <summary>It was not used for <see cref="Sessions.Idle"/>.</summary>
    Idle,
    /// <summary>The account has begun <see cref="Sessions.MaxOfAccount"/> newer ones.</summary>
    Newer,
    /// <summary>The accounts cannot be read.</summary>
    Unreadable,
    /// <summary>It is not known any more: it ended a while ago, or the gateway was started again since.</summary>
    Over,
}
