namespace Fairlead.Configuration;

/// <summary>
/// Says when files have changed and stand still again. Half a file can be a configuration too, one without its last rules; so what is written over waits until it is the same at two looks.
/// Files that are never at rest are taken after a few looks all the same.
/// </summary>
/// <param name="start">The files of what is in force.</param>
internal sealed class ChangeWatch(IReadOnlyList<SourceFile> start)
{
    /// <summary>How many looks a change waits at most.</summary>
    public const int Patience = 5;

    private IReadOnlyList<SourceFile> _taken = start;
    private IReadOnlyList<SourceFile> _last = start;
    private int _waited;

    /// <summary>Whether there is a change to be taken now.</summary>
    /// <param name="now">The files at this look.</param>
    public bool IsDue(IReadOnlyList<SourceFile> now)
    {
        var (isStill, isNew) = (now.SequenceEqual(_last), !now.SequenceEqual(_taken));
        _last = now;
        _waited = isNew ? _waited + 1 : 0;
        return isNew && (isStill || _waited >= Patience);
    }

    /// <summary>A change has been taken.</summary>
    /// <param name="files">What was read for it, which may be other files than before.</param>
    public void Take(IReadOnlyList<SourceFile> files) => (_taken, _waited) = (files, 0);
}
