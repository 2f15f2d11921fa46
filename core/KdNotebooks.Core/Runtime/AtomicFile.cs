namespace KdNotebooks.Runtime;

/// <summary>Writes a file whole or not at all: beside its place, to the disk, then renamed.</summary>
public static class AtomicFile
{
    /// <param name="write">When it throws, what stood at <paramref name="path"/> stays as it was.</param>
    /// <exception cref="KdException">The folder is missing or refuses, the disk is full, or no file can stand there.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var target = Target(path);
        // In the same folder, because a rename is atomic only within one file system.
        var beside = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, target, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KdException($"{path}: cannot be written: {error.Message} What was there is unchanged.", error);
        }
        finally
        {
            Discard(beside);
        }
    }

    /// <summary>The same for text, in UTF-8 without a mark.</summary>
    public static void Write(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>
    /// What a write replaces. A link is followed: it stays, and what it leads to is replaced. A device, a pipe or a socket would
    /// be gone, and is refused.
    /// </summary>
    /// <exception cref="KdException">No file can stand there, or links lead in a circle.</exception>
    public static string Target(string path)
    {
        string target;
        try
        {
            target = new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KdException($"{path}: cannot be written: {error.Message} What was there is unchanged.", error);
        }

        return FileStamp.IsRegular(target) && !Directory.Exists(target)
            ? target
            : throw new KdException(
                $"{path}: is {(Directory.Exists(target) ? "a folder" : "a device, a pipe or a socket")}; expected a file, or none yet. "
                + "Choose another place; what is there is unchanged.");
    }

    private static void Discard(string beside)
    {
        try
        {
            File.Delete(beside);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The error that led here says more than a left-over file would.
        }
    }
}
