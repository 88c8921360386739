namespace Postern.Configuration;

/// <summary>A configuration, or the errors because of which there is none.</summary>
public sealed record ConfigurationResult(PosternConfiguration? Configuration, IReadOnlyList<ConfigurationError> Errors);
