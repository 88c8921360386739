using Postern.Mail;

namespace Postern.Smtp.Client;

/// <summary>
/// A secret that was read, or why it could not be. No record, so that nothing ever writes the secret out.
/// </summary>
public sealed class SecretReading
{
    private SecretReading(string? secret, Sentence? problem) => (Secret, Problem) = (secret, problem);

    /// <summary>The secret; null: it could not be read.</summary>
    public string? Secret { get; }

    /// <summary>Why not; null: it was read.</summary>
    public Sentence? Problem { get; }

    /// <summary>What was read.</summary>
    public static SecretReading Of(string secret) => new(secret, null);

    /// <summary>Why nothing was read.</summary>
    public static SecretReading Failed(Sentence problem) => new(null, problem);
}
