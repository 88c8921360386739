using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Postern.Commands;

/// <summary>The usual help, with an example below it.</summary>
internal sealed class ExampleHelp(HelpAction usual) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is PosternCommand command) Write(output, command.Example);
        else if (parseResult.CommandResult.Command is RootCommand) Write(output, CommandTree.RootExample);
        return code;
    }

    private static void Write(TextWriter output, string example)
    {
        output.WriteLine("Example:");
        foreach (var line in example.Split('\n')) output.WriteLine($"  {line}");
        output.WriteLine();
    }
}
