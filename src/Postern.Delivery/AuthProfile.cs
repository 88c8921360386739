using System.Text;
using Postern.Mail;
using Postern.Smtp.Client;

namespace Postern.Delivery;

/// <summary>A profile for outgoing authentication (<c>[auth_profile.NAME]</c>). Immutable; holds no secret.</summary>
public sealed record AuthProfile
{
    /// <summary>The longest password, in octets of UTF-8.</summary>
    public const int MaxPassword = 4_096;

    /// <summary>As a route names it.</summary>
    public required string Name { get; init; }
    /// <summary>The account.</summary>
    public required string UserName { get; init; }
    /// <summary>The file with the password, absolute; null when it comes from the environment.</summary>
    public string? PasswordFile { get; init; }
    /// <summary>The environment variable with the password; null when it comes from a file.</summary>
    public string? PasswordEnvironment { get; init; }
    /// <summary>True: the password may be sent without TLS.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>Why the password cannot be read now; null: it can be.</summary>
    public Sentence? PasswordProblem => ReadPassword().Problem;

    /// <summary>
    /// Reads the password from where the profile says, anew each time, so that a changed file is in force at the next
    /// connection. The end of its line is no part of it.
    /// </summary>
    public SecretReading ReadPassword()
    {
        if (PasswordEnvironment is { } variable)
        {
            return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
                ? SecretReading.Of(value)
                : SecretReading.Failed($"the password of profile {Name} is missing: {variable} is not set");
        }

        try
        {
            using var file = File.OpenRead(PasswordFile!);
            var octets = new byte[MaxPassword + 1];
            var length = file.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
            if (length > MaxPassword)
                return SecretReading.Failed($"{PasswordFile} has more than {MaxPassword} octets");
            var password = Encoding.UTF8.GetString(octets, 0, length).TrimEnd('\r', '\n');
            return password.Length > 0 ? SecretReading.Of(password)
                : SecretReading.Failed($"{PasswordFile} is empty");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return SecretReading.Failed($"the password of profile {Name} cannot be read: {e.Message.TrimEnd('.')}");
        }
    }
}
