using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>What a <see cref="ContentIndex"/> has noted of a file.</summary>
/// <param name="Stamp">What the file system said of it when it was read.</param>
/// <param name="Read">When that was, in ticks, UTC.</param>
/// <param name="Hash">Of its bytes: XXH128, 32 lower-case hex digits.</param>
/// <param name="Marks">What was found out about these bytes: "decodes". They go when the bytes do.</param>
internal sealed record FileRecord(FileStamp Stamp, long Read, string Hash, IReadOnlyList<string> Marks)
{
    /// <summary>Whether a file with this stamp has these very bytes.</summary>
    public bool Holds(FileStamp now) => Stamp == now && IsSettled;

    /// <summary>Whether it is worth keeping: a later write cannot have the same stamp.</summary>
    public bool IsSettled => Stamp.IsSettledAt(Read);
}
