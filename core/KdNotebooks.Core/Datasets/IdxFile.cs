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
        RequireLabels(paths.Labels, values.Span, classNames.Count);
        return new ImageSet(name, 1, shape[1], shape[2], images.AsMemory(HeaderLength(3)), values, classNames);
    }

    /// <summary>The labels of a file, after its header.</summary>
    internal static ReadOnlySpan<byte> Values(string path, byte[] labels, string mend)
    {
        _ = ReadShape(path, labels, 1, "labels", mend);
        return labels.AsSpan(HeaderLength(1));
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
        RequireKind(path, bytes, dimensions, what, mend);
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

    // What is an IDX file of another kind is whole: to get it again would not help.
    private static void RequireKind(string path, byte[] bytes, int dimensions, string what, string mend)
    {
        var expected = $"0000{UnsignedByte:x2}{dimensions:x2}";
        var magic = Convert.ToHexStringLower(bytes.AsSpan(0, Math.Min(4, bytes.Length)));
        if (magic == expected)
        {
            return;
        }

        var reason = $"it begins with 0x{magic}; IDX {what} begin with 0x{expected}";
        if (bytes is not [0, 0, var element, var came, ..] || ElementName(element) is not { } name || came is < 1 or > 8)
        {
            throw new DataFileException(path, reason, mend);
        }

        if (element == UnsignedByte && came is 1 or 3)
        {
            throw new DataFileException(
                path, $"{reason} (this is a file of {(came == 1 ? "labels" : "images")}: are the two swapped?)", mend);
        }

        throw new DataFileException(
            path,
            $"it holds {name}s (element type 0x{element:X2}), [{Sizes(bytes, came)}]; {what} are read as unsigned bytes "
            + $"(0x08), {(dimensions == 1 ? "[images]" : "[images, height, width]")}",
            (element == UnsignedByte ? "" : "Write it anew as unsigned bytes (numpy: astype('uint8')). ")
            + (came == dimensions ? ""
                : dimensions == 1 ? "Of several numbers a label, write the one that is the class (QMNIST: the first). "
                : "Images in color are made a dataset from tensors: Images.ofTensor, ImageSet.OfTensor. "));
    }

    private static string Sizes(byte[] bytes, int dimensions) => string.Join(", ", Enumerable.Range(0, dimensions)
        .TakeWhile(i => bytes.Length >= HeaderLength(i + 1))
        .Select(i => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(HeaderLength(i)))));

    private static string? ElementName(byte type) => type switch
    {
        0x08 => "unsigned byte",
        0x09 => "signed byte",
        0x0B => "16-bit integer",
        0x0C => "32-bit integer",
        0x0D => "32-bit float",
        0x0E => "64-bit float",
        _ => null,
    };

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

    private static void RequireLabels(string path, ReadOnlySpan<byte> labels, int classes)
    {
        var (lowest, highest, first) = (byte.MaxValue, byte.MinValue, -1);
        for (var i = 0; i < labels.Length; i++)
        {
            (lowest, highest) = (Math.Min(lowest, labels[i]), Math.Max(highest, labels[i]));
            first = first < 0 && labels[i] >= classes ? i : first;
        }

        if (first >= 0)
        {
            throw new DataFileException(
                path,
                $"its labels go from {lowest} to {highest}, and label {first} is {labels[first]}; the classes are 0 to "
                + $"{classes - 1}",
                lowest > 0
                    ? $"Labels count from 0: subtract {lowest} from each, or name {highest + 1} classes, 0 among them."
                    : $"Name {highest + 1} classes, or take the labels that belong to these images.");
        }
    }

    private static int HeaderLength(int dimensions) => 4 + (4 * dimensions);
}
