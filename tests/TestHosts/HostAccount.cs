namespace Postern.TestHosts;

/// <summary>An account at a scripted host.</summary>
public sealed record HostAccount(string UserName, string Password);
