namespace TestTools;

/// <summary>A foreign program, or the gateway as a program, did not do what the run needs; with the reason.</summary>
internal sealed class RunException(string reason) : Exception(reason);
