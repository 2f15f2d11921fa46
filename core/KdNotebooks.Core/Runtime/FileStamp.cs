using System.Runtime.InteropServices;

namespace KdNotebooks.Runtime;

/// <summary>What a file system says of a file without reading it: while it stays, so do the bytes.</summary>
/// <param name="Length">In bytes.</param>
/// <param name="Modified">
/// When the contents were last written, in ticks of 100 ns, UTC; whoever writes can set it.
/// </param>
/// <param name="Changed">
/// When contents, names or times were last changed, in ticks of 100 ns, UTC: the system's own, which a program cannot
/// set back. 0 where the system has none.
/// </param>
/// <param name="Node">
/// The file's number in its file system: another file under the same name has another. 0 where none.
/// </param>
internal readonly partial record struct FileStamp(long Length, long Modified, long Changed, ulong Node)
{
    // The coarsest clock of a file system that is in use, that of FAT.
    private static readonly long Grain = TimeSpan.FromSeconds(2).Ticks;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static FileStamp Of(string path)
    {
        if (OperatingSystem.IsLinux() && Linux(path) is { } stamp)
        {
            return stamp;
        }

        var info = new FileInfo(path);
        return new FileStamp(info.Length, info.LastWriteTimeUtc.Ticks, 0, 0);
    }

    /// <summary>
    /// Whether it is neither a pipe, a device nor a socket: what opens one of them may wait for ever, or never come to an
    /// end. True where the system does not say.
    /// </summary>
    public static bool IsRegular(string path) =>
        !OperatingSystem.IsLinux() || Record(path) is not { } found || (found.Mode & KindOfFile) is Regular or Folder;

    /// <summary>
    /// Whether a file that was read at this time cannot have been written once more without a later stamp. Two writes
    /// within one tick of the file system's clock look alike, as git says of its index ("racy git").
    /// </summary>
    /// <param name="read">Before its first byte was read, in ticks, UTC.</param>
    public bool IsSettledAt(long read) => (Changed == 0 ? Modified : Changed) < read - Grain;

    private static FileStamp? Linux(string path) => Record(path) is { } found
        ? new FileStamp(found.Size, found.Modified.Ticks, found.Changed.Ticks, found.Node)
        : null; // what is wrong, FileInfo says in .NET's words

    private static StatxRecord? Record(string path)
    {
        try
        {
            return Statx(CurrentFolder, path, 0, BasicStats, out var found) == 0 ? found : null;
        }
        catch (TypeLoadException)
        {
            return null; // another C library, or one of before 2018
        }
    }

    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint BasicStats = 0x7ff; // STATX_BASIC_STATS
    private const ushort KindOfFile = 0xF000, Regular = 0x8000, Folder = 0x4000; // S_IFMT, S_IFREG, S_IFDIR

    // .NET has no name for the time of change. statx's record is the same on every processor: man 2 statx.
    [LibraryImport("libc.so.6", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, out StatxRecord record);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxRecord
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Node;

        [FieldOffset(40)]
        public long Size;

        [FieldOffset(96)]
        public StatxTime Changed;

        [FieldOffset(112)]
        public StatxTime Modified;
    }

    [StructLayout(LayoutKind.Sequential, Size = 16)]
    private struct StatxTime
    {
        public long Seconds;
        public uint Nanoseconds;

        public readonly long Ticks =>
            DateTime.UnixEpoch.Ticks + (Seconds * TimeSpan.TicksPerSecond) + (Nanoseconds / 100);
    }
}
