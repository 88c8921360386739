using System.Net;
using System.Text;
using MailKit.Security;

namespace Postern.Smtp.Client;

/// <summary>
/// One run of a SASL mechanism: challenges in, responses out, both in base64 (RFC 4954 §4). The mechanisms themselves
/// are MailKit's. For one attempt.
/// </summary>
internal sealed class SaslExchange
{
    /// <summary>Challenges that a host may send; the longest mechanism has three.</summary>
    public const int MaxChallenges = 8;

    // Octets of the AUTH command; a longer first response is sent behind a challenge of its own (RFC 4954 §4).
    private const int MaxCommand = 510;

    private static readonly string[] _strongestFirst =
        ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"];

    private readonly SaslMechanism _mechanism;
    private readonly List<string> _secrets;
    private string? _first;

    /// <summary>Begins.</summary>
    public SaslExchange(string mechanism, string userName, string password)
    {
        var credentials = new NetworkCredential(userName, password);
        _mechanism = mechanism switch
        {
            "SCRAM-SHA-256" => new SaslMechanismScramSha256(credentials),
            "SCRAM-SHA-1" => new SaslMechanismScramSha1(credentials),
            "CRAM-MD5" => new SaslMechanismCramMd5(credentials),
            "PLAIN" => new SaslMechanismPlain(credentials),
            _ => new SaslMechanismLogin(credentials),
        };
        _secrets = [password];
    }

    /// <summary>The mechanisms that can be used, strongest first.</summary>
    public static IEnumerable<string> Usable(IReadOnlyList<string> offered) =>
        _strongestFirst.Where(mechanism => offered.Contains(mechanism, StringComparer.Ordinal));

    /// <summary>
    /// True when the host may be believed: SCRAM proves that it knows the password, too (RFC 5802 §5).
    /// </summary>
    public bool IsComplete => _mechanism.IsAuthenticated;

    /// <summary>The AUTH command; null: the username or the password has characters that SASL forbids.</summary>
    public byte[]? Command()
    {
        var command = $"AUTH {_mechanism.MechanismName}";
        if (_mechanism.SupportsInitialResponse)
        {
            if (Respond(null) is not { } first) return null;
            if (command.Length + 1 + first.Length <= MaxCommand) command += $" {first}";
            else _first = first;
        }

        return Encoding.ASCII.GetBytes(command + "\r\n");
    }

    /// <summary>The response to a challenge; null: the challenge makes no sense.</summary>
    public byte[]? Answer(string challenge)
    {
        var response = _first ?? Respond(challenge);
        _first = null;
        return response is null ? null : Encoding.ASCII.GetBytes(response + "\r\n");
    }

    /// <summary>What a host said, without what we said to it: an echo of the password is not for the log.</summary>
    public string WithoutSecrets(string line)
    {
        foreach (var secret in _secrets.Where(secret => secret.Length > 0))
            line = line.Replace(secret, "(hidden)", StringComparison.Ordinal);
        return line;
    }

    private string? Respond(string? challenge)
    {
        try
        {
            var response = _mechanism.Challenge(challenge);
            if (response.Length > 0) _secrets.Add(response);
            return response;
        }
        catch (Exception error) when (error is SaslException or FormatException or ArgumentException
            or InvalidOperationException or NotSupportedException)
        {
            // The mechanism's own words could hold a part of the secret; the caller has words of its own.
            return null;
        }
    }
}
