using Postern.Delivery.Reports;

namespace Postern.Admin.Monitoring;

/// <summary>
/// The flow of mail for pages: it is asked for at most once a second, however many look. Any thread may call it.
/// </summary>
internal sealed class FlowLook(AdminParts parts)
{
    /// <summary>Routes that a page shows one by one.</summary>
    public const int MaxRoutes = 12;

    private static readonly TimeSpan fresh = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private Task<FlowReport>? last;
    private long at;

    /// <summary>The flow, as it was a second ago or later.</summary>
    public Task<FlowReport> NowAsync()
    {
        lock (gate)
        {
            if (last is { IsFaulted: false, IsCanceled: false } && parts.Time.GetElapsedTime(at) < fresh) return last;
            at = parts.Time.GetTimestamp();
            return last = parts.Delivery.FlowAsync(MaxRoutes);
        }
    }
}
