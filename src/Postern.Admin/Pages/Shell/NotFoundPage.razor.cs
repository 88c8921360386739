namespace Postern.Admin.Pages.Shell;

/// <summary>Says that an address is none.</summary>
public partial class NotFoundPage;
