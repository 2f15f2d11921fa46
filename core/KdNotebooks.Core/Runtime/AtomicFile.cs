namespace KdNotebooks.Runtime;

/// <summary>Writes a file whole or not at all: beside its place, to the disk, then renamed.</summary>
public static class AtomicFile
{
    /// <param name="write">When it throws, what stood at <paramref name="path"/> stays as it was.</param>
    /// <exception cref="KdException">The folder is missing or refuses, or the disk is full.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        // In the same folder, because a rename is atomic only within one file system.
        var beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: true);
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
