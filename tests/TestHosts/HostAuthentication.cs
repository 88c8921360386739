using System.Security.Cryptography;
using System.Text;

namespace Postern.TestHosts;

/// <summary>
/// The host's side of AUTH, written from the RFCs: PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195), SCRAM (RFC 5802).
/// </summary>
internal sealed class HostAuthentication(HostAccount account, Func<string, Task<string?>> ask)
{
    private const int Iterations = 4096;

    /// <summary>Runs a mechanism to its end. <paramref name="first"/>: the initial response; null: none.</summary>
    public async Task<bool> RunAsync(string mechanism, string? first) => mechanism switch
    {
        "PLAIN" => await PlainAsync(first).ConfigureAwait(false),
        "LOGIN" => await LoginAsync().ConfigureAwait(false),
        "CRAM-MD5" => await CramAsync().ConfigureAwait(false),
        "SCRAM-SHA-1" => await ScramAsync(HashAlgorithmName.SHA1, 20, first).ConfigureAwait(false),
        "SCRAM-SHA-256" => await ScramAsync(HashAlgorithmName.SHA256, 32, first).ConfigureAwait(false),
        _ => false,
    };

    private async Task<bool> PlainAsync(string? first) =>
        Decode(first ?? await ask("").ConfigureAwait(false)) == $"\0{account.UserName}\0{account.Password}";

    private async Task<bool> LoginAsync() =>
        Decode(await ask(Encode("Username:")).ConfigureAwait(false)) == account.UserName
        && Decode(await ask(Encode("Password:")).ConfigureAwait(false)) == account.Password;

    private async Task<bool> CramAsync()
    {
        const string Challenge = "<1896.697170952@host.example>";
        var answer = Decode(await ask(Encode(Challenge)).ConfigureAwait(false));
#pragma warning disable CA5351 // CRAM-MD5 is what a host may offer.
        var digest = HMACMD5.HashData(Utf8(account.Password), Utf8(Challenge));
#pragma warning restore CA5351
        return answer == $"{account.UserName} {Convert.ToHexStringLower(digest)}";
    }

    private async Task<bool> ScramAsync(HashAlgorithmName hash, int length, string? first)
    {
        var bare = Decode(first ?? await ask("").ConfigureAwait(false))["n,,".Length..];
        var nonce = bare[(bare.IndexOf("r=", StringComparison.Ordinal) + 2)..] + "host";
        var salt = Utf8("salt of this host");
        var serverFirst = $"r={nonce},s={Convert.ToBase64String(salt)},i={Iterations}";
        var final = Decode(await ask(Encode(serverFirst)).ConfigureAwait(false));
        var (withoutProof, proof) = (final[..final.LastIndexOf(",p=", StringComparison.Ordinal)],
            Convert.FromBase64String(final[(final.LastIndexOf(",p=", StringComparison.Ordinal) + 3)..]));
        var salted = Rfc2898DeriveBytes.Pbkdf2(Utf8(account.Password), salt, Iterations, hash, length);
        var message = Utf8($"{bare},{serverFirst},{withoutProof}");
        var clientKey = Mac(hash, salted, Utf8("Client Key"));
        var signature = Mac(hash, CryptographicOperations.HashData(hash, clientKey), message);
        for (var i = 0; i < proof.Length; i++) proof[i] ^= signature[i];
        if (!bare.StartsWith($"n={account.UserName},", StringComparison.Ordinal) || !proof.SequenceEqual(clientKey))
            return false;
        var verifier = Mac(hash, Mac(hash, salted, Utf8("Server Key")), message);
        return await ask(Encode($"v={Convert.ToBase64String(verifier)}")).ConfigureAwait(false) is "" or "=";
    }

    private static byte[] Mac(HashAlgorithmName hash, byte[] key, byte[] data) =>
        CryptographicOperations.HmacData(hash, key, data);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Encode(string text) => Convert.ToBase64String(Utf8(text));

    private static string Decode(string? base64) =>
        base64 is null or "*" ? "" : Encoding.UTF8.GetString(Convert.FromBase64String(base64));
}
