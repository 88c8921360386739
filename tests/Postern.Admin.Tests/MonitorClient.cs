using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Postern.Admin.Tests;

/// <summary>Asks as monitors do.</summary>
internal static class MonitorClient
{
    /// <summary>A GET, with these credentials alone.</summary>
    public static async Task<(HttpStatusCode Status, string Body, HttpResponseHeaders Headers)> GetAsync(
        ApiFixture api, string path, string? authorization = null)
    {
        using var http = new HttpClient { BaseAddress = api.Http.BaseAddress };
        if (authorization is not null)
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers);
    }

    /// <summary>HTTP Basic authentication (RFC 7617).</summary>
    public static string Basic(string name, string password) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"));
}
