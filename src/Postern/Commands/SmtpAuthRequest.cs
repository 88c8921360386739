namespace Postern.Commands;

/// <summary>The options of <c>smtpauth new</c> and <c>edit</c>; null: not given.</summary>
/// <param name="UserName"><c>--username</c></param>
/// <param name="Variable"><c>--password-env</c></param>
/// <param name="AllowPlaintext"><c>--allow-plaintext</c></param>
/// <param name="Password"><c>--password</c>: a new one is read.</param>
internal sealed record SmtpAuthRequest(string? UserName, string? Variable, bool? AllowPlaintext, bool Password);
