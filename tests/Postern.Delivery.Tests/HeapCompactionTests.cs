using Microsoft.Extensions.Time.Testing;
using Postern.Delivery.Acting;

namespace Postern.Delivery.Tests;

/// <summary>When memory is given back behind a queue that grows.</summary>
public sealed class HeapCompactionTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly HeapCompaction _compaction;
    private int _made;

    public HeapCompactionTests() => _compaction = new HeapCompaction(_time, () => _made++);

    [Fact]
    public void Behind_many_recipients_it_is_made_at_once_and_again_behind_as_many()
    {
        _compaction.Run(HeapCompaction.Many - 1);
        Assert.Equal(0, _made);
        _compaction.Run(HeapCompaction.Many + 5);
        Assert.Equal(1, _made);
        _compaction.Run((2 * HeapCompaction.Many) + 4);
        Assert.Equal(1, _made);
        _compaction.Run((2 * HeapCompaction.Many) + 5);
        Assert.Equal(2, _made);
    }

    [Fact]
    public void What_is_less_waits_for_its_time_which_is_that_of_the_last_one()
    {
        _time.Advance(HeapCompaction.Interval / 2);
        _compaction.Run(HeapCompaction.Few);

        Assert.Equal(_time.Start + HeapCompaction.Interval, _compaction.Due);
        Assert.Equal(0, _made);
        _time.Advance(HeapCompaction.Interval / 2);
        _compaction.Run(HeapCompaction.Few);
        Assert.Equal((1, null), (_made, _compaction.Due));
        _time.Advance(HeapCompaction.Interval * 2);
        _compaction.Run((2 * HeapCompaction.Few) - 1);
        Assert.Equal((1, null), (_made, _compaction.Due));
    }

    [Fact]
    public void When_no_more_comes_it_does_not_wait_and_few_are_no_cause()
    {
        _compaction.Run(HeapCompaction.Few - 1, isOver: true);
        Assert.Equal(0, _made);
        _compaction.Run(HeapCompaction.Few, isOver: true);
        Assert.Equal((1, null), (_made, _compaction.Due));
    }
}
