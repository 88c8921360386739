using Postern.Routing;

namespace Postern.Configuration;

/// <summary>A configuration, or the errors because of which there is none.</summary>
/// <param name="Configuration">Without an error in it; null: see <paramref name="Errors"/>.</param>
/// <param name="Errors">All of them.</param>
/// <param name="Routes">
/// Where the routes are; known also when something else in the file is wrong, so that their errors are told in the same
/// pass. Null: not known.
/// </param>
public sealed record ConfigurationResult(
    PosternConfiguration? Configuration, IReadOnlyList<ConfigurationError> Errors, RoutesPlace? Routes)
{
    /// <summary>Further files whose change is a change of the configuration; also when one of them is wrong.</summary>
    public IReadOnlyList<NamedFile> Named { get; init; } = [];
}

/// <summary>A file that the configuration names and that was read with it.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Known">As it was before it was read.</param>
public sealed record NamedFile(string Path, FileStamp Known);

/// <summary>What a routes file is read with.</summary>
/// <param name="File">The routes file.</param>
/// <param name="DataFolder">Whose spool says whether the file may be missing.</param>
/// <param name="Profiles">Profiles of outgoing SMTP authentication that exist; null: not known.</param>
public sealed record RoutesPlace(string File, string DataFolder, IReadOnlySet<string>? Profiles)
{
    /// <summary>The routes of a configuration.</summary>
    public static RoutesPlace Of(PosternConfiguration configuration) => new(
        configuration.RoutesFile, configuration.DataFolder,
        configuration.AuthProfiles.Keys.ToHashSet(StringComparer.Ordinal));
}
