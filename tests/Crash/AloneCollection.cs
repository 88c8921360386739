namespace Crash;

/// <summary>Tests that load the machine: each runs while no other does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class AloneCollection
{
    /// <summary>The name that a class gives to belong here.</summary>
    public const string Name = "alone";
}
