using System.Buffers.Binary;
using System.Security.Cryptography;
using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks.Classification;

/// <summary>Labelled images of one size, in memory, never changed.</summary>
public sealed class ImageSet : SampleSet
{
    private Lazy<string> _fingerprint;
    private readonly ClassIndex[] _classes;

    /// <param name="name">What an error calls the set: "fashion-mnist-mini train".</param>
    /// <param name="pixels">Bytes, [N, C, H, W]; N is the number of labels.</param>
    /// <param name="labels">One class index an image.</param>
    /// <param name="classNames">The name of class 0, of class 1, and so on; at most 256.</param>
    /// <exception cref="KdException">Sizes that do not fit together, or a label without a class.</exception>
    public ImageSet(
        string name, int channels, int height, int width,
        ReadOnlyMemory<byte> pixels, ReadOnlyMemory<byte> labels, IReadOnlyList<string> classNames)
        : base(name, labels.Length)
    {
        (Channels, Height, Width) = (channels, height, width);
        (Pixels, Labels, ClassNames) = (pixels, labels, classNames);
        RequireSound();
        // One target a class, whatever the number of images.
        _classes = [.. Enumerable.Range(0, classNames.Count).Select(index => new ClassIndex(index))];
        _fingerprint = new Lazy<string>(ComputeFingerprint);
    }

    public override int Channels { get; }

    public override Type TargetType => typeof(ClassIndex);

    public override ImageSize? OneSize => new ImageSize(Height, Width);

    public override bool IsInMemory => true;

    /// <summary>In pixels.</summary>
    public int Height { get; }

    /// <summary>In pixels.</summary>
    public int Width { get; }

    /// <summary>[N, C, H, W], 0 to 255.</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>[N], indices into <see cref="ClassNames"/>.</summary>
    public ReadOnlyMemory<byte> Labels { get; }

    public override IReadOnlyList<string> ClassNames { get; }

    /// <summary>Bytes of one image: C x H x W.</summary>
    public int ImageBytes => Channels * Height * Width;

    /// <summary>SHA-256 over shape, pixels and labels, 64 lower-case hex digits. Computed at first use.</summary>
    public override string Fingerprint => _fingerprint.Value;

    // Pixels and labels belong to who made the set: what is never changed may have been, all the same.
    public override void Refresh(Rehash rehash = Rehash.Changed, CancellationToken cancel = default) =>
        _fingerprint = new Lazy<string>(ComputeFingerprint);

    /// <summary>The pixels of one image, [C, H, W].</summary>
    public ReadOnlySpan<byte> Image(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return Pixels.Span.Slice(index * ImageBytes, ImageBytes);
    }

    /// <summary>Images from a tensor, for data of one's own; they are copied.</summary>
    /// <param name="name">What an error calls the set.</param>
    /// <param name="images">[N, H, W] or [N, C, H, W]; uint8 from 0 to 255, or floats from 0 to 1.</param>
    /// <param name="labels">[N], class indices.</param>
    /// <param name="classNames">The name of class 0, of class 1, and so on; at most 256.</param>
    /// <exception cref="KdException">Another shape or type, values out of range, or a label without a class.</exception>
    public static ImageSet OfTensor(string name, Tensor images, IReadOnlyList<int> labels, IReadOnlyList<string> classNames)
    {
        if (images.dim() is not (3 or 4) || images.shape[0] != labels.Count
            || (images.dtype != torch.ScalarType.Byte && !images.is_floating_point()))
        {
            throw new KdException(
                $"{name}: images [{string.Join(", ", images.shape)}] of {images.dtype} with {labels.Count} labels; expected "
                + "[N, H, W] or [N, C, H, W], uint8 from 0 to 255 or floats from 0 to 1, and one label an image.");
        }

        if (labels.Where(label => label < 0 || label >= classNames.Count).Take(1).ToList() is [var wrong])
        {
            throw new KdException(
                $"{name}: label {wrong} came, but the {classNames.Count} classes are 0 to {classNames.Count - 1}.");
        }

        using var scope = torch.NewDisposeScope();
        if (images.is_floating_point() && (images.min().ToDouble() < 0 || images.max().ToDouble() > 1))
        {
            throw new KdException(
                $"{name}: values from {images.min().ToDouble()} to {images.max().ToDouble()}; expected floats from 0 to 1. "
                + "Divide by the largest, or give uint8.");
        }

        var bytes = images.is_floating_point() ? images.mul(255).round().to(torch.uint8) : images;
        var shape = images.shape;
        return new ImageSet(
            name, shape.Length == 4 ? (int)shape[1] : 1, (int)shape[^2], (int)shape[^1],
            bytes.cpu().contiguous().data<byte>().ToArray(), labels.Select(label => (byte)label).ToArray(), classNames);
    }

    /// <summary>A set as one of this kind.</summary>
    /// <exception cref="KdException">Its images are of another kind, or not in memory.</exception>
    public static ImageSet Of(SampleSet set) => set as ImageSet ?? throw new KdException(
        $"{set.Name}: expected images of one size with one class each, in memory; this is a {set.GetType().Name}.");

    public override Sample Load(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return new Sample(
            Name, Channels, new ImageSize(Height, Width), Pixels.Slice(index * ImageBytes, ImageBytes),
            _classes[Labels.Span[index]]);
    }

    /// <summary>The images [start, start + count) without copying them.</summary>
    /// <exception cref="KdException">The set has no such images.</exception>
    public ImageSet Slice(int start, int count)
    {
        if (start < 0 || count < 1 || start > Count - count)
        {
            throw new KdException(
                $"{Name}: asked for {count} images from {start} on; expected at least 1, "
                + $"and at most what the {Count} images hold.");
        }

        return With(Pixels.Slice(start * ImageBytes, count * ImageBytes), Labels.Slice(start, count));
    }

    /// <summary>The first <paramref name="count"/> images without copying them.</summary>
    /// <exception cref="KdException">The set has fewer images, or none was asked for.</exception>
    public override ImageSet Take(int count) => Slice(0, count);

    /// <summary>A copy of the images of these indices, in the given order.</summary>
    public ImageSet Select(ReadOnlySpan<int> indices)
    {
        var (pixels, labels) = (new byte[indices.Length * ImageBytes], new byte[indices.Length]);
        for (var i = 0; i < indices.Length; i++)
        {
            Image(indices[i]).CopyTo(pixels.AsSpan(i * ImageBytes));
            labels[i] = Labels.Span[indices[i]];
        }

        return With(pixels, labels);
    }

    /// <summary>The same images under another name.</summary>
    public ImageSet Named(string name) => new(name, Channels, Height, Width, Pixels, Labels, ClassNames);

    public override string ToString() =>
        $"{Name}: {Count} images of {Channels}x{Height}x{Width}, {ClassNames.Count} classes";

    private ImageSet With(ReadOnlyMemory<byte> pixels, ReadOnlyMemory<byte> labels) =>
        new(Name, Channels, Height, Width, pixels, labels, ClassNames);

    private void RequireSound()
    {
        if (Channels < 1 || Height < 1 || Width < 1)
        {
            throw new KdException(
                $"{Name}: {Count} images of {Channels}x{Height}x{Width}; expected at least one, of at least 1x1x1.");
        }

        if (Pixels.Length != (long)Count * Channels * Height * Width)
        {
            throw new KdException(
                $"{Name}: {Count} labels need {Count}x{Channels}x{Height}x{Width} bytes of pixels, "
                + $"{Pixels.Length} came.");
        }

        var highest = 0;
        foreach (var label in Labels.Span)
        {
            highest = Math.Max(highest, label);
        }

        if (highest >= ClassNames.Count)
        {
            throw new KdException(
                $"{Name}: label {highest} came, but the {ClassNames.Count} classes are 0 to {ClassNames.Count - 1}.");
        }
    }

    private string ComputeFingerprint()
    {
        Span<byte> shape = stackalloc byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(shape, Count);
        BinaryPrimitives.WriteInt32LittleEndian(shape[4..], Channels);
        BinaryPrimitives.WriteInt32LittleEndian(shape[8..], Height);
        BinaryPrimitives.WriteInt32LittleEndian(shape[12..], Width);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(shape);
        hash.AppendData(Pixels.Span);
        hash.AppendData(Labels.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
