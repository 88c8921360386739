using MudBlazor;

namespace Postern.Admin.Pages.Shell;

/// <summary>Colours and letters. Contrasts are those of WCAG 2.2 AA on every ground that they are used on.</summary>
internal static class PosternTheme
{
    private static readonly string[] letters = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"];

    /// <summary>The only theme, in light and dark.</summary>
    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#0b5394",
            Secondary = "#5b3a8c",
            AppbarBackground = "#12324f",
            Background = "#f6f7f9",
            DrawerBackground = "#ffffff",
            Success = "#1b6b2f",
            Warning = "#8a4b00",
            Error = "#b3141d",
            Info = "#0b5394",
            TextPrimary = "#1b1f24",
            TextSecondary = "#4a525c",
            DrawerText = "#1b1f24",
            DrawerIcon = "#4a525c",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#8ab8ff",
            Secondary = "#c6a8ff",
            AppbarBackground = "#0d1b2a",
            Background = "#14181d",
            Surface = "#1c2127",
            DrawerBackground = "#1c2127",
            Success = "#7ed491",
            Warning = "#ffb95c",
            Error = "#ff9a94",
            Info = "#8ab8ff",
            TextPrimary = "#e8ebef",
            TextSecondary = "#b4bcc6",
            DrawerText = "#e8ebef",
            DrawerIcon = "#b4bcc6",
            PrimaryContrastText = "#0d1b2a",
            SecondaryContrastText = "#0d1b2a",
            SuccessContrastText = "#0d1b2a",
            WarningContrastText = "#0d1b2a",
            ErrorContrastText = "#0d1b2a",
            InfoContrastText = "#0d1b2a",
            AppbarText = "#e8ebef",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = letters },
            Button = new ButtonTypography { TextTransform = "none" },
        },
        LayoutProperties = new LayoutProperties { DrawerWidthLeft = "220px", DefaultBorderRadius = "4px" },
    };
}
