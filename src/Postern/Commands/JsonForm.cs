using System.Text.Encodings.Web;
using System.Text.Json;

namespace Postern.Commands;

/// <summary>How commands write JSON: indented, camelCase, and domains of any script readable.</summary>
internal static class JsonForm
{
    /// <summary>The options; never changed.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
