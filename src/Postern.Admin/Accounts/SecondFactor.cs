using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Postern.Admin.Accounts;

/// <summary>
/// What an account is asked for behind its password: the code of an authenticator app, or one of the recovery codes
/// that were given out with it. Each is good once. Immutable.
/// </summary>
/// <param name="Secret">Shared with the app, in Base32.</param>
/// <param name="LastStep">The step of the last code; no code of it or of an earlier one is taken any more.</param>
/// <param name="Recovery">The hashes of the recovery codes that are left.</param>
public sealed record SecondFactor(string Secret, long LastStep, IReadOnlyList<string> Recovery)
{
    /// <summary>How many recovery codes are given out.</summary>
    public const int RecoveryCodes = 10;

    /// <summary>A clock may be one step off, either way (RFC 6238 §5.2 and §6).</summary>
    private const int Drift = 1;

    private const string Scheme = "totp";
    private const int Groups = 3, GroupLength = 5;

    /// <summary>Begins with the first code of an app.</summary>
    /// <returns>Null: the code is not that of the secret now; else with recovery codes that are told this once.
    /// </returns>
    public static (SecondFactor Factor, IReadOnlyList<string> Codes)? Begin(
        string secret, string code, DateTimeOffset now)
    {
        if (new SecondFactor(secret, 0, []).Take(code, now) is not { } begun) return null;
        List<string> codes = [.. Enumerable.Range(0, RecoveryCodes).Select(_ => NewCode())];
        return (begun with { Recovery = [.. codes.Select(HashOf)] }, codes);
    }

    /// <summary>Takes a code as people type it.</summary>
    /// <returns>What is left, to be kept before anybody is let in; null: it is wrong, or was used.</returns>
    public SecondFactor? Take(string given, DateTimeOffset now)
    {
        var code = Plain(given);
        return code.Length == Totp.Digits && code.All(char.IsAsciiDigit) ? TakeStep(code, now) : TakeRecovery(code);
    }

    /// <summary>As it stands in the accounts file: no space in it.</summary>
    internal string Write() => string.Create(
        CultureInfo.InvariantCulture, $"{Scheme}:{Secret}:{LastStep}:{string.Join(',', Recovery)}");

    /// <summary>What <see cref="Write"/> wrote; null: it is none.</summary>
    internal static SecondFactor? Read(string text) =>
        text.Split(':') is [Scheme, var secret, var number, var hashes] && Totp.IsSecret(secret)
        && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            ? new SecondFactor(secret, step, hashes.Split(',', StringSplitOptions.RemoveEmptyEntries)) : null;

    private SecondFactor? TakeStep(string code, DateTimeOffset now)
    {
        var octets = Encoding.ASCII.GetBytes(code);
        var secret = Base32.Read(Secret)!;
        var present = Totp.StepOf(now);
        long? found = null;
        for (var step = present - Drift; step <= present + Drift; step++)
        {
            var right = Encoding.ASCII.GetBytes(Totp.CodeOf(secret, step));
            if (CryptographicOperations.FixedTimeEquals(octets, right) && step > LastStep) found = step;
        }
        return found is { } taken ? this with { LastStep = taken } : null;
    }

    private SecondFactor? TakeRecovery(string code)
    {
        var hash = HashOf(code);
        return Recovery.Contains(hash) ? this with { Recovery = [.. Recovery.Where(other => other != hash)] } : null;
    }

    private static string Plain(string given) =>
        string.Concat(given.Where(c => !char.IsWhiteSpace(c) && c != '-')).ToLowerInvariant();

    // 31 letters, 15 times: 74 bits, so that a hash that costs no time is not searched either.
    private static string NewCode() => AccountStore.NewWord(Groups, GroupLength);

    private static string HashOf(string code) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Plain(code))));
}
