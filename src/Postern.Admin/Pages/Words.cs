namespace Postern.Admin.Pages;

/// <summary>
/// The words of the pages. English stands in the pages themselves; <c>Words.de.resx</c> has it in German.
/// </summary>
public sealed class Words;
