using System.Reflection;

namespace Postern.Running;

/// <summary>The version of the program.</summary>
internal static class ProgramVersion
{
    /// <summary>As in Directory.Build.props, without the commit.</summary>
    public static string Text { get; } = typeof(ProgramVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
