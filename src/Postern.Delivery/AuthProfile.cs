using System.Text;
using Postern.Mail;
using Postern.Routing;
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

        var reading = FileReading.Of(PasswordFile!, MaxPassword);
        if (reading.Content is not { } content)
            return SecretReading.Failed($"the password of profile {Name} cannot be read: {reading.Problem!}");
        var password = Encoding.UTF8.GetString(content.Span).TrimEnd('\r', '\n');
        return password.Length > 0 ? SecretReading.Of(password)
            : SecretReading.Failed($"the password of profile {Name} is empty: {PasswordFile}");
    }

    /// <summary>An environment variable can have this name: POSIX knows no <c>=</c> in one (IEEE Std 1003.1 §8.1).
    /// </summary>
    public static bool IsVariable(string name) =>
        name.Length > 0 && !name.Any(c => c == '=' || char.IsControl(c) || char.IsWhiteSpace(c));
}
