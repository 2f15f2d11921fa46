using KdNotebooks.Runtime;

namespace KdNotebooks.Data.Formats;

/// <summary>Opens files of images. What is no regular file is not waited for.</summary>
internal static class ImageFile
{
    /// <summary>A whole file, or its first bytes.</summary>
    /// <param name="limit">How many bytes at most; the default value is as many as an array holds.</param>
    /// <exception cref="IOException">It is missing, no regular file, or too long.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] Read(string path, int limit = int.MaxValue)
    {
        using var stream = Open(path);
        if (limit == int.MaxValue && stream.Length > Array.MaxLength)
        {
            throw new IOException($"it has {stream.Length} bytes; expected at most {Array.MaxLength}");
        }

        var bytes = new byte[Math.Min(stream.Length, limit)];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <inheritdoc cref="Read"/>
    public static FileStream Open(string path) =>
        FileStamp.IsRegular(path) ? File.OpenRead(path) : throw new IOException("it is no regular file");
}
