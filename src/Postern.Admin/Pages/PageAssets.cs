using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Postern.Admin.Pages;

/// <summary>
/// Scripts, styles and the icon of the pages. They are part of this assembly, so that a built, a published and a copied
/// program serve the same, whatever the current folder is. Browsers keep each one until its address, which holds its
/// hash, is another.
/// </summary>
internal static class PageAssets
{
    private const string Folder = "/assets/";
    private const string Kept = "public, max-age=31536000, immutable";

    private static readonly FrozenDictionary<string, Asset> all = ReadAll();

    private sealed record Asset(string MediaType, string Hash, byte[] Content, Lazy<byte[]> Brotli, Lazy<byte[]> GZip);

    /// <summary>The path is that of an asset, which everybody may have.</summary>
    public static bool Has(PathString path) => Find(path) is not null;

    /// <summary>The address that pages name it by.</summary>
    public static string AddressOf(string name) => $"{Folder}{name}?v={all[name].Hash}";

    /// <summary>Serves them.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(Folder + "{name}", ServeAsync).ExcludeFromDescription();

    private static async Task ServeAsync(HttpContext context)
    {
        if (Find(context.Request.Path) is not { } asset)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var response = context.Response;
        if (context.Request.Query["v"] == asset.Hash) response.Headers.CacheControl = Kept;
        response.Headers.Vary = "Accept-Encoding";
        response.ContentType = asset.MediaType;
        var accepted = context.Request.Headers.AcceptEncoding.ToString();
        var (coding, content) = accepted.Contains("br", StringComparison.OrdinalIgnoreCase) ? ("br", asset.Brotli.Value)
            : accepted.Contains("gzip", StringComparison.OrdinalIgnoreCase) ? ("gzip", asset.GZip.Value)
            : ("", asset.Content);
        if (coding.Length > 0) response.Headers.ContentEncoding = coding;
        response.ContentLength = content.Length;
        await response.Body.WriteAsync(content, context.RequestAborted).ConfigureAwait(false);
    }

    private static Asset? Find(PathString path) => path.Value is { } text
        && text.StartsWith(Folder, StringComparison.Ordinal) ? all.GetValueOrDefault(text[Folder.Length..]) : null;

    private static FrozenDictionary<string, Asset> ReadAll()
    {
        var assembly = typeof(PageAssets).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[Folder.Length..], name => Read(assembly, name), StringComparer.Ordinal);
    }

    private static Asset Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return new Asset(MediaTypeOf(name), Convert.ToHexStringLower(SHA256.HashData(content))[..16], content,
            new(() => Packed(content, into => new BrotliStream(into, CompressionLevel.Optimal))),
            new(() => Packed(content, into => new GZipStream(into, CompressionLevel.Optimal))));
    }

    private static byte[] Packed(byte[] content, Func<Stream, Stream> packing)
    {
        using var packed = new MemoryStream();
        using (var stream = packing(packed)) stream.Write(content);
        return packed.ToArray();
    }

    private static string MediaTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
}
