namespace Scenarios;

/// <summary>
/// Lines of the mail log in the form of contract §5, octet for octet, without their time. Hosts are given by the last
/// number of their address: 10 is 127.0.0.10, and its port is shown as 2510.
/// </summary>
internal static class Lines
{
    public static string Connected(int dcid, int host) =>
        $"New SMTP DCID {dcid} interface 127.0.0.1 address 127.0.0.{host} port 25{host}";

    /// <summary>The host said what it should not have said.</summary>
    public static string Unexpected(int dcid, int host, string details) =>
        Error(dcid, host, details, "127.0.0.1", "unexpected SMTP response");

    /// <summary>The network, or the host's silence, ended the connection.</summary>
    public static string Broken(int dcid, int host, string details) =>
        Error(dcid, host, details, "127.0.0.1", "network error");

    /// <summary>Nobody listens there.</summary>
    public static string Refused(int dcid, int host) =>
        Error(dcid, host, "[Errno 111] Connection refused", "127.0.0.1", "network error");

    public static string LeftOut(int host, string reason, int seconds = 60) =>
        $"Host 127.0.0.{host}:25{host}: left out for {seconds} seconds: {reason}";

    public static string Back(int host) => $"Host 127.0.0.{host}:25{host}: is back";

    public static string Start(int dcid, int mid, string rids = "0") =>
        $"Delivery start DCID {dcid} MID {mid} to RID [{rids}]";

    /// <summary>The two lines of a delivery.</summary>
    public static string[] Done(int dcid, int mid, string rids = "0") =>
        [$"Message done DCID {dcid} MID {mid} to RID [{rids}]", $"MID {mid} RID [{rids}] Response '2.0.0 accepted'"];

    /// <summary>A whole delivery of a whole message on a connection: offered, done, finished.</summary>
    public static string[] Delivery(int dcid, int mid, string rids = "0") =>
        [Start(dcid, mid, rids), .. Done(dcid, mid, rids), Finished(mid)];

    public static string Delayed(int dcid, int mid, int rid, string status, string reply) =>
        $"Delayed: DCID {dcid} MID {mid} to RID {rid} - {status} {Quoted(reply)}";

    public static string Bounced(int dcid, int mid, int rid, string status, string reply) =>
        $"Bounced: DCID {dcid} MID {mid} to RID {rid} - {status} {Quoted(reply)}";

    public static string Pending(int mid, string rids = "0") =>
        $"MID {mid} to RID [{rids}] pending till <time> [default]";

    public static string Uncertain(int dcid, int mid, string rids = "0") =>
        $"Uncertain: DCID {dcid} MID {mid} to RID [{rids}] - no reply after the final dot, "
        + "pending till <time> [default]";

    public static string BounceOf(int bounce, int mid) => $"MID {bounce} was generated for bounce of MID {mid}";

    public static string Finished(int mid) => $"Message finished MID {mid} done";

    private static string Error(int dcid, int host, string details, string source, string reason) =>
        $"Connection Error: DCID {dcid} domain: example.com IP: 127.0.0.{host} port: 25{host} details: {details} "
        + $"interface: {source} reason: {reason}";

    // "452 4.3.1 full" is shown as ('452', ['4.3.1 full']).
    private static string Quoted(string reply) => $"('{reply[..3]}', ['{reply[4..]}'])";
}
