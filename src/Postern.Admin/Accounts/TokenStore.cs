using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Postern.Routing;

namespace Postern.Admin.Accounts;

/// <summary>
/// The tokens of the API that were made for programs, in a file that only its owner can read, a line each:
/// <c>ID NAME ROLE CREATED EXPIRES HASH</c>, times in seconds since 1970. It is read at every question, so that a token
/// that another process has revoked opens nothing from then on. Any thread and several processes may use it.
/// </summary>
/// <param name="file">Where it is; need not be there.</param>
/// <param name="time">The clock.</param>
public sealed class TokenStore(string file, TimeProvider time)
{
    /// <summary>More tokens than programs need; a further one is refused.</summary>
    public const int MaxTokens = 1_000;

    /// <summary>The longest time that a token may be good for.</summary>
    public const int MaxDays = 3_650;

    /// <summary>What a token is good for unless told.</summary>
    public const int DefaultDays = 90;

    private const string Mark = "postern";
    private const int IdOctets = 4;
    private const int SecretOctets = 32;

    // An expired token is shown for a while, so that whoever looks for the reason finds it.
    private static readonly TimeSpan shownExpired = TimeSpan.FromDays(30);

    /// <summary>When each token has last opened something, by its id.</summary>
    public LastUses LastUses { get; } = new(time);

    private readonly record struct Line(IssuedToken Token, string Hash);

    /// <summary>All tokens, those that have expired of late as well; none when the file is not there.</summary>
    /// <exception cref="IOException">It cannot be read, others can read it, or a line is no token.</exception>
    public IReadOnlyList<IssuedToken> Read() => [.. Lines().Select(line => line.Token)];

    /// <summary>The token of a text that somebody has sent; null: it is none, was revoked, or has expired.</summary>
    /// <exception cref="IOException">As for <see cref="Read"/>.</exception>
    public IssuedToken? Find(string secret)
    {
        if (secret.Split('_') is not [Mark, var id, _]) return null;
        foreach (var line in Lines())
        {
            // The id is no secret; the hash of the whole is compared in the same time for every guess.
            if (line.Token.Id != id || !ApiToken.IsSame(line.Hash, HashOf(secret))) continue;
            if (line.Token.Expires <= time.GetUtcNow()) return null;
            LastUses.Note(id);
            return line.Token;
        }
        return null;
    }

    /// <summary>The token of an id was neither revoked nor has it expired.</summary>
    /// <exception cref="IOException">As for <see cref="Read"/>.</exception>
    public bool IsGood(string id) => Read().Any(token => token.Id == id && token.Expires > time.GetUtcNow());

    /// <summary>Makes a token. On disk when it returns.</summary>
    /// <param name="name">What it is for; <see cref="Account.IsName"/>.</param>
    /// <param name="role">What it may do.</param>
    /// <param name="days">How long it is good for, 1 to <see cref="MaxDays"/>.</param>
    /// <returns>Null: there are <see cref="MaxTokens"/> already.</returns>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public async Task<NewToken?> IssueAsync(string name, AccountRole role, int days)
    {
        if (!Account.IsName(name)) throw new ArgumentException("it is no name", nameof(name));
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(days, MaxDays);
        using var only = await LockAsync().ConfigureAwait(false);
        var now = time.GetUtcNow();
        var kept = Lines().Where(line => line.Token.Expires > now - shownExpired).ToList();
        if (kept.Count >= MaxTokens) return null;
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdOctets));
        // 256 bits of chance: no hash that costs time is needed against guesses.
        var secret = $"{Mark}_{id}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretOctets))}";
        // Whole seconds, as the file has them.
        var created = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        var token = new IssuedToken(id, name, role, created, created.AddDays(days));
        Write([.. kept, new Line(token, HashOf(secret))]);
        return new NewToken(token, secret);
    }

    /// <summary>Takes a token back: from now on it opens nothing.</summary>
    /// <returns>Null: there is none with this id.</returns>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public async Task<IssuedToken?> RevokeAsync(string id)
    {
        using var only = await LockAsync().ConfigureAwait(false);
        var lines = Lines();
        if (lines.Find(line => line.Token.Id == id) is not { Token: { } revoked }) return null;
        Write([.. lines.Where(line => line.Token.Id != id)]);
        return revoked;
    }

    private Task<IDisposable> LockAsync() => FileLock.TakeAsync(file + ".lock", time, CancellationToken.None);

    private List<Line> Lines() => OwnerFile.Read(file, LineIn);

    private void Write(IReadOnlyList<Line> lines) => AtomicFile.WriteSecret(file, Encoding.ASCII.GetBytes(string.Concat(
        lines.Select(line => string.Create(CultureInfo.InvariantCulture, $"{line.Token.Id} {line.Token.Name} "
            + $"{line.Token.Role.Word()} {line.Token.Created.ToUnixTimeSeconds()} "
            + $"{line.Token.Expires.ToUnixTimeSeconds()} {line.Hash}\n")))));

    private Line LineIn(string text, int index) =>
        text.Split(' ') is [var id, var name, var word, var created, var expires, { Length: 64 } hash]
        && AccountRoles.TryParse(word, out var role) && TrySeconds(created, out var from)
        && TrySeconds(expires, out var until)
            ? new Line(new IssuedToken(id, name, role, from, until), hash)
            : throw new IOException($"{file}:{index + 1}: this is no token; take the line out");

    private static bool TrySeconds(string text, out DateTimeOffset at)
    {
        var ok = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        at = ok ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;
        return ok;
    }

    private static string HashOf(string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
