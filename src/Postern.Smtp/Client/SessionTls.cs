namespace Postern.Smtp.Client;

/// <summary>The TLS of a session: <c>TLSv1.3</c> and <c>TLS_AES_256_GCM_SHA384</c>.</summary>
public sealed record SessionTls(string Protocol, string Cipher);
