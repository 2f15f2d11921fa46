using System.Collections.Concurrent;
using System.IO.Hashing;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// Knows the contents of a folder's files: it reads a file once, notes the hash with what the file system says of the
/// file, and reads it again when that has changed. What it has noted is kept in the user's cache folder.
/// </summary>
/// <remarks>
/// Believed is a file whose length, times and number are as they were when it was read, and which had then not been
/// written to for two seconds: a write within one tick of the file system's clock shows in no time. On Linux one of the
/// times is that of the last change, which no program can set back (<c>touch -r</c> changes it); elsewhere a file that
/// was given its old time again is found out by <see cref="Rehash.Unread"/>, which is what the first use of a cache of
/// teacher features asks for, and by <c>kd data verify</c>. Thread safe; one for each folder and process.
/// </remarks>
public sealed class ContentIndex
{
    private const string Mend = "Is it being written, or its disk gone? Try again.";
    private const int Tries = 3;

    private static readonly ConcurrentDictionary<string, ContentIndex> Indices = [];

    private readonly string folder;
    private readonly ConcurrentDictionary<string, FileRecord> records;
    private readonly ConcurrentDictionary<string, bool> read = []; // by this process
    private volatile bool isNew; // there is something to keep

    /// <summary>One that begins with what is kept, as a process does.</summary>
    internal ContentIndex(string folder)
    {
        this.folder = folder;
        records = new ConcurrentDictionary<string, FileRecord>(KeptIndex.Read(folder));
    }

    /// <param name="folder">Of the files; hashes of a copy of it are the same.</param>
    public static ContentIndex Of(string folder) =>
        Indices.GetOrAdd(Path.GetFullPath(folder), path => new ContentIndex(path));

    /// <summary>
    /// SHA-256 over names (below the folder) and contents, 64 lower-case hex digits: for a set of one's own.
    /// </summary>
    /// <param name="files">Paths, in an order that does not depend on the machine.</param>
    /// <param name="rehash">The default value is <see cref="Rehash.Changed"/>.</param>
    /// <exception cref="DataFileException">A file is not there or cannot be read.</exception>
    public string Fingerprint(
        IReadOnlyList<string> files, Rehash rehash = Rehash.Changed, CancellationToken cancel = default)
    {
        var hashes = Hashes(files, rehash, cancel);
        return Sha256.OfText(string.Join('\n', files.Zip(hashes, (file, hash) => $"{NameOf(file)} {hash}")));
    }

    /// <summary>XXH128 of each file's bytes, 32 lower-case hex digits, in the files' order.</summary>
    /// <inheritdoc cref="Fingerprint"/>
    public IReadOnlyList<string> Hashes(
        IReadOnlyList<string> files, Rehash rehash = Rehash.Changed, CancellationToken cancel = default)
    {
        var hashes = new string[files.Count];
        try
        {
            Parallel.For(0, files.Count, new ParallelOptions { CancellationToken = cancel }, i =>
                hashes[i] = Look(files[i], rehash).Hash);
        }
        catch (AggregateException problems)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(problems.InnerExceptions[0]);
        }

        Keep();
        return hashes;
    }

    /// <summary>
    /// The same of one file; what is noted is kept at the next <see cref="Hashes"/> or <see cref="Keep"/>.
    /// </summary>
    /// <inheritdoc cref="Fingerprint"/>
    public string HashOf(string file, Rehash rehash = Rehash.Changed) => Look(file, rehash).Hash;

    /// <summary>The file's name below the folder, with "/" on every machine.</summary>
    public string NameOf(string file) => Path.GetRelativePath(folder, file).Replace('\\', '/');

    /// <summary>
    /// Whether something was noted of a file's present bytes, by <see cref="Mark"/>, in this process or another.
    /// </summary>
    /// <param name="mark">What: "decodes 1".</param>
    internal bool IsMarked(string file, string mark) => Look(file, Rehash.Changed).Marks.Contains(mark);

    /// <summary>The same without reading: false where it is not known.</summary>
    internal bool IsKnown(string file, string mark)
    {
        try
        {
            return records.TryGetValue(NameOf(file), out var known) && known.Marks.Contains(mark) && known.Holds(FileStamp.Of(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Notes something of a file's bytes, unless they have become others.</summary>
    /// <param name="hash">
    /// Of the bytes that it was found out of: <see cref="HashOf"/> before they were looked at.
    /// </param>
    internal void Mark(string file, string hash, string mark)
    {
        var record = Look(file, Rehash.Changed);
        if (record.Hash == hash && !record.Marks.Contains(mark))
        {
            records[NameOf(file)] = record with { Marks = [.. record.Marks, mark] };
            isNew = true;
        }
    }

    /// <summary>Writes what was noted to the user's cache folder, where there is something new.</summary>
    internal void Keep()
    {
        if (isNew)
        {
            isNew = false;
            KeptIndex.Write(folder, records);
        }
    }

    private FileRecord Look(string file, Rehash rehash)
    {
        var name = NameOf(file);
        try
        {
            if (rehash != Rehash.All && (rehash == Rehash.Changed || read.ContainsKey(name))
                && records.TryGetValue(name, out var known) && known.Holds(FileStamp.Of(file)))
            {
                return known;
            }

            return Note(name, Read(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataFileException(file, $"cannot be read ({error.Message})", Mend, error);
        }
    }

    private FileRecord Note(string name, FileRecord found)
    {
        var noted = records.AddOrUpdate(
            name, found, (_, known) => known.Hash == found.Hash ? found with { Marks = known.Marks } : found);
        read[name] = true;
        isNew = true;
        return noted;
    }

    private static FileRecord Read(string file)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (began, before) = (DateTime.UtcNow.Ticks, FileStamp.Of(file));
            var hash = new XxHash128();
            if (!FileStamp.IsRegular(file))
            {
                throw new IOException("it is no regular file"); // to open a pipe is to wait for whoever writes to it
            }

            using (var stream = new FileStream(
                file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16))
            {
                hash.Append(stream);
            }

            // What was written to meanwhile has been read half as it was.
            if (FileStamp.Of(file) == before)
            {
                return new FileRecord(before, began, Convert.ToHexStringLower(hash.GetCurrentHash()), []);
            }

            if (attempt == Tries)
            {
                throw new DataFileException(file, "changes while it is read", Mend);
            }
        }
    }
}
