using Postern.Delivery.Reports;
using Postern.Delivery.Scheduling;

namespace Postern.Delivery.Tests.Simulation;

/// <summary>What is looked at in parts, looked at to its end.</summary>
public static class Surveys
{
    /// <summary>The rows of all further parts.</summary>
    public static IReadOnlyList<DestinationStanding> All(this DestinationSurvey survey)
    {
        var rows = new List<DestinationStanding>();
        while (survey.Go() is { Count: > 0 } part) rows.AddRange(part);
        return rows;
    }
}
