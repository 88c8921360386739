using System.CommandLine;

namespace Postern.Commands;

/// <summary>A command whose help ends with an example.</summary>
internal sealed class PosternCommand(string name, string description, string example) : Command(name, description)
{
    /// <summary>Lines that a reader may type as they stand.</summary>
    public string Example { get; } = example;
}
