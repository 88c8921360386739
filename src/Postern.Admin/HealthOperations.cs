using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Postern.Admin;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: mail can be taken, else 503.
/// <c>/health/proof/NONCE</c>: the proof of <see cref="ApiProof"/>. All are open to everybody who reaches the address
/// and say nothing about mail.
/// </summary>
internal sealed class HealthOperations(AdminParts parts)
{
    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, "/health/live", "live", "The process answers.", typeof(HealthAnswer),
            static _ => Task.FromResult(ApiRequest.Json(new HealthAnswer("live", null, null, null)))) { IsOpen = true },
        new(HttpMethod.Get, "/health/ready", "ready", "Whether mail can be taken; 503 when it cannot.",
            typeof(HealthAnswer), _ => Task.FromResult(Ready())) { IsOpen = true, OtherStatus = 503 },
        new(HttpMethod.Get, "/health/proof/{nonce}", "prove",
            "Proves that the gateway knows the token, so that a client need not send it to a stranger.",
            typeof(ProofAnswer), context => Task.FromResult(Prove(context)))
        {
            IsOpen = true,
            Parameters = [ApiParameter.InPath("nonce", "32 random octets in hexadecimal digits.", new('0', 64))],
            Problems = [400],
        },
    ];

    private IResult Ready()
    {
        var now = parts.Readiness();
        var answer = new HealthAnswer(
            now.IsReady ? "ready" : "not ready", now.SpoolOpen, now.ListenersBound, now.HasRoom);
        return Results.Json(answer, ApiJson.Options, statusCode: now.IsReady ? 200 : 503);
    }

    // With its length and in one piece, so that a client can read it before it begins to speak HTTP in earnest.
    private static IResult Whole(ProofAnswer answer) =>
        Results.Text(JsonSerializer.Serialize(answer, ApiJson.Options), "application/json");

    // By the address that the client has connected to: what is relayed from another address proves nothing.
    private IResult Prove(HttpContext context)
    {
        var connection = context.Connection;
        return context.GetRouteValue("nonce") is string nonce && ApiProof.IsNonce(nonce)
            ? Whole(new ProofAnswer(ApiProof.Of(
                parts.Token, nonce, new(connection.LocalIpAddress!, connection.LocalPort))))
            : ApiRequest.Problem(400, "A nonce is 32 octets in hexadecimal digits.");
    }
}
