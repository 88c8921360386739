using Postern.Configuration;

namespace Postern.Commands;

/// <summary>The configuration file of a run: <c>--config</c>, or <c>postern.toml</c> in the current folder.</summary>
/// <param name="Name">As it was given; errors name it so.</param>
/// <param name="Given">True: named by the user, so it has to exist.</param>
public sealed record ConfigurationFile(string Name, bool Given)
{
    /// <summary>The name without <c>--config</c>.</summary>
    public const string DefaultName = "postern.toml";

    /// <summary>The file of a command line; null: not given.</summary>
    public static ConfigurationFile Of(string? option) => new(option ?? DefaultName, option is not null);

    /// <summary>True when there is a file to read, or has to be one.</summary>
    public bool IsUsed => Given || File.Exists(Name);

    /// <summary>Its content, or the defaults where there is none and none was asked for.</summary>
    public ConfigurationResult Read()
    {
        if (IsUsed) return ConfigurationReader.ReadFile(Name);
        var defaults = ConfigurationReader.Defaults(ConfigurationReader.FolderOf(Name));
        return new ConfigurationResult(defaults, [], RoutesPlace.Of(defaults));
    }

    /// <summary>
    /// As <see cref="Read"/>, but that a file is gone which the gateway has used is an error: all that stood in it
    /// would go to its default.
    /// </summary>
    public ConfigurationResult ReadUnlessLost()
    {
        var read = Read();
        return read.Configuration is { HasFile: false, DataFolder: var folder }
            && UsedConfiguration.Of(folder) is { } used
            ? new ConfigurationResult(null, [Lost(used, folder)], null) : read;
    }

    private ConfigurationError Lost(string used, string folder)
    {
        var file = Path.GetFullPath(Name);
        return used == file
            ? new(file, 1, 1, $"the file is missing, with which the gateway of {folder} was started",
                "Put it back: all that stood in it would go to its default if a new one were made. Where the defaults "
                + "are meant, start 'postern serve' without it first.")
            : new(file, 1, 1, $"there is no such file, and the gateway of {folder} was started with {used}",
                $"Give the command --config {used}.");
    }
}
