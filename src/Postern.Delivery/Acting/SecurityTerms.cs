using Postern.Delivery.Scheduling;
using Postern.Smtp.Client;

namespace Postern.Delivery.Acting;

/// <summary>Turns the access of a connection into what its session is asked to do. Pure.</summary>
internal static class SecurityTerms
{
    /// <summary>The security of a connection by the options in force.</summary>
    public static SessionSecurity Of(DeliveryConnection connection, DeliveryOptions options) => new()
    {
        Tls = connection.Access.Tls switch
        {
            TlsPolicy.None => TlsDemand.None,
            TlsPolicy.Preferred => TlsDemand.Preferred,
            TlsPolicy.Required => TlsDemand.Required,
            TlsPolicy.Verify => TlsDemand.Verify,
            _ => TlsDemand.Dane,
        },
        HostName = connection.HostName,
        Credentials = connection.Access.Profile is { } name ? CredentialsOf(name, options) : null,
    };

    // A redirection may name a profile that a newer configuration has no more; its mail is held, never sent without.
    private static ClientCredentials CredentialsOf(string name, DeliveryOptions options) =>
        options.AuthProfiles.TryGetValue(name, out var profile)
            ? new ClientCredentials(profile.UserName, profile.ReadPassword, profile.AllowPlaintext)
            : new ClientCredentials("", () => SecretReading.Failed(
                $"[auth_profile.{name}] is not defined; make it with 'postern smtpauth new {name}', or redirect the "
                + $"mail without it"), AllowPlaintext: false);
}
