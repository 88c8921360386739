using Microsoft.AspNetCore.Http;

namespace Postern.Admin.Tests;

/// <summary>Which form an answer has that may be a line or many (RFC 9110 §12.4.2 and §12.5.1).</summary>
public sealed class JsonLinesTests
{
    [Theory]
    [InlineData("application/x-ndjson", true)]
    [InlineData("Application/X-NDJSON; charset=utf-8", true)]
    [InlineData("application/json, application/x-ndjson", true)]
    [InlineData("application/x-ndjson;q=0.5, */*;q=0.1", true)]
    [InlineData("application/x-ndjson;q=0.5, application/json;q=0.4, */*", true)]
    [InlineData("application/x-ndjson;q=0", false)]
    [InlineData("application/json, application/x-ndjson;q=0.1", false)]
    [InlineData("application/*, application/x-ndjson;q=0.9", false)]
    [InlineData("*/*, application/x-ndjson;q=0.9", false)]
    [InlineData("application/json", false)]
    [InlineData("*/*", false)]
    [InlineData("garbage;;;", false)]
    [InlineData("", false)]
    public void Lines_are_sent_to_who_wants_them_no_less_than_one_value(string accept, bool areLines)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Accept = accept;
        Assert.Equal(areLines, JsonLines.AreAccepted(request));
    }
}
