using System.Buffers.Binary;
using System.IO.Compression;
using KdNotebooks.Data;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Datasets;

/// <summary>
/// Strict reader of IDX files, plain or gzip-compressed: images as unsigned bytes [N, H, W], labels as unsigned bytes
/// [N]. The format is that of MNIST (LeCun, "The MNIST database of handwritten digits", file formats).
/// </summary>
/// <remarks>Written by hand, for no package reads it; every error is a <see cref="DataFileException"/>.</remarks>
public static class IdxFile
{
    private const int UnsignedByte = 0x08;

    /// <summary>Reads the two files that make up a set.</summary>
    /// <param name="name">The set's name.</param>
    /// <param name="mend">What errors tell the reader to do.</param>
    /// <exception cref="DataFileException">A file is missing or wrong, or the two do not belong together.</exception>
    public static ImageSet Read(
        string imagesPath, string labelsPath, string name, IReadOnlyList<string> classNames,
        string mend = "Get the file again.")
    {
        var images = ReadBytes(imagesPath, mend);
        return Combine(images, ReadBytes(labelsPath, mend), (imagesPath, labelsPath), name, classNames, mend);
    }

    /// <summary>The same from contents already in memory; the paths only name them in errors.</summary>
    internal static ImageSet Combine(
        byte[] images, byte[] labels, (string Images, string Labels) paths, string name,
        IReadOnlyList<string> classNames, string mend)
    {
        var shape = ReadShape(paths.Images, images, 3, "images", mend);
        var count = ReadShape(paths.Labels, labels, 1, "labels", mend)[0];
        if (count != shape[0])
        {
            throw new DataFileException(
                paths.Labels, $"it has {count} labels, but {paths.Images} has {shape[0]} images", mend);
        }

        var values = labels.AsMemory(HeaderLength(1));
        RequireLabels(paths.Labels, values.Span, classNames.Count, mend);
        return new ImageSet(name, 1, shape[1], shape[2], images.AsMemory(HeaderLength(3)), values, classNames);
    }

    /// <summary>The whole content, decompressed where the file is gzip.</summary>
    /// <exception cref="DataFileException">The file is missing, empty, truncated or damaged.</exception>
    internal static byte[] ReadBytes(string path, string mend)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            return bytes switch
            {
                [] => throw new DataFileException(path, "the file is empty", mend),
                [0x1F, 0x8B, ..] => Decompress(path, bytes, mend),
                [(byte)'<', ..] => throw new DataFileException(path, "it is a web page, not data", mend),
                _ => bytes,
            };
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataFileException(path, "the file is missing", mend, problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new DataFileException(path, $"it cannot be read: {problem.Message}", mend, problem);
        }
    }

    /// <summary>Throws where the content is no IDX file of that many dimensions.</summary>
    internal static void RequireSound(string path, byte[] content, int dimensions, string mend) =>
        ReadShape(path, content, dimensions, dimensions == 1 ? "labels" : "images", mend);

    private static byte[] Decompress(string path, byte[] bytes, string mend)
    {
        // The last four bytes say how much comes out, and DEFLATE never does better than 1032 to 1.
        var claimed = bytes.Length < 18 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4));
        var output = new MemoryStream((int)Math.Min(claimed, Math.Min(bytes.Length * 1032L, Array.MaxLength)));
        try
        {
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            gzip.CopyTo(output);
        }
        catch (InvalidDataException problem)
        {
            throw new DataFileException(
                path, $"its gzip data are truncated or damaged: {problem.Message}", mend, problem);
        }

        // The stream may end quietly where the checksum at the end is cut off.
        if ((uint)output.Length != claimed)
        {
            throw new DataFileException(path, "its gzip data are truncated or damaged", mend);
        }

        return output.GetBuffer().Length == output.Length ? output.GetBuffer() : output.ToArray();
    }

    // Header: 0, 0, type of the elements, number of dimensions, then each dimension as a big-endian int32.
    private static int[] ReadShape(string path, byte[] bytes, int dimensions, string what, string mend)
    {
        var expected = $"0000{UnsignedByte:x2}{dimensions:x2}";
        var magic = Convert.ToHexStringLower(bytes.AsSpan(0, Math.Min(4, bytes.Length)));
        if (magic != expected)
        {
            throw new DataFileException(
                path, $"it begins with 0x{magic}; IDX {what} begin with 0x{expected}{Guess(magic)}", mend);
        }

        var header = HeaderLength(dimensions);
        if (bytes.Length < header)
        {
            throw new DataFileException(path, $"truncated: {bytes.Length} bytes, the header alone has {header}", mend);
        }

        var shape = new int[dimensions];
        Int128 elements = 1;
        for (var i = 0; i < dimensions; i++)
        {
            var size = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4 + (4 * i)));
            elements *= size;
            shape[i] = unchecked((int)size);
        }

        RequireLength(path, bytes.Length - header, elements, mend);
        return shape;
    }

    private static void RequireLength(string path, int came, Int128 elements, string mend)
    {
        if (elements == 0)
        {
            throw new DataFileException(path, "its header says that it holds nothing", mend);
        }

        if (came != elements)
        {
            var how = came < elements ? "truncated" : "too long";
            throw new DataFileException(path, $"{how}: its header says {elements} bytes of data, {came} came", mend);
        }
    }

    private static void RequireLabels(string path, ReadOnlySpan<byte> labels, int classes, string mend)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] >= classes)
            {
                throw new DataFileException(
                    path, $"label {i} is {labels[i]}; the classes are 0 to {classes - 1}", mend);
            }
        }
    }

    private static int HeaderLength(int dimensions) => 4 + (4 * dimensions);

    private static string Guess(string magic) => magic switch
    {
        "00000801" => " (this is a file of labels: are the two swapped?)",
        "00000803" => " (this is a file of images: are the two swapped?)",
        _ => "",
    };
}
