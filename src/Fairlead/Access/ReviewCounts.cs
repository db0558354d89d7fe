namespace Fairlead.Access;

/// <summary>How questions what callers may do have ended.</summary>
internal sealed class ReviewCounts
{
    private readonly long[] _counts = new long[Enum.GetValues<ReviewResult>().Length];

    /// <summary>How often.</summary>
    public long this[ReviewResult result] => Interlocked.Read(ref _counts[(int)result]);

    /// <summary>Counts one more.</summary>
    public void Add(ReviewResult result) => Interlocked.Increment(ref _counts[(int)result]);

    /// <summary>What an answer that was asked for counts as.</summary>
    public static ReviewResult Of(Refusal? refusal) => refusal?.Reason switch
    {
        null => ReviewResult.Allowed,
        RefusalReason.NotAllowed or RefusalReason.IllegalToken => ReviewResult.Denied,
        RefusalReason.TooManyReviews or RefusalReason.TooManyUnknownTokens => ReviewResult.Limited,
        _ => ReviewResult.Failed,
    };
}

/// <summary>How a question what a caller may do has ended.</summary>
internal enum ReviewResult
{
    /// <summary>The answer was remembered.</summary>
    Remembered,

    /// <summary>The cluster said yes.</summary>
    Allowed,

    /// <summary>The cluster said no.</summary>
    Denied,

    /// <summary>The cluster could not say.</summary>
    Failed,

    /// <summary>There were too many questions.</summary>
    Limited,
}
