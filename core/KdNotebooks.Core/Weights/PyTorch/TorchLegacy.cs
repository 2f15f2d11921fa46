using System.Buffers.Binary;
using System.Collections;
using System.Globalization;
using System.Numerics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Weights.PyTorch;

/// <summary>
/// The format of PyTorch before 1.6: five pickles, one behind the other (a magic number, a version, the machine, the
/// contents, the storages' names), then each storage as a count of elements and its bytes.
/// </summary>
internal sealed class TorchLegacy : ITorchArchive
{
    private const long Version = 1001;

    private static readonly BigInteger Magic = BigInteger.Parse("1950a86a20f9469cfc6c", NumberStyles.HexNumber);

    private readonly string file;
    private readonly FileStream stream;
    private readonly Dictionary<string, (long Begin, long Length)> storages = new(StringComparer.Ordinal);

    /// <param name="stream">Owned from here on.</param>
    /// <exception cref="KdException">It is none of torch.save's, or damaged.</exception>
    public TorchLegacy(string file, FileStream stream)
    {
        this.file = file;
        this.stream = stream;
        try
        {
            stream.Position = 0;
            Begin();
            Contents = Next();
            Find(Next().Value);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public PickleContents Contents { get; }

    public long? Length(string key) => storages.TryGetValue(key, out var place) ? place.Length : null;

    public void Read(string key, Tensor target)
    {
        try
        {
            stream.Position = storages[key].Begin;
            TensorBytes.Visit(target, (piece, _) => stream.ReadExactly(piece));
        }
        catch (IOException error)
        {
            throw new KdException($"{file}: storage '{Printable.Of(key)}' cannot be read: {error.Message}", error);
        }
    }

    public void Dispose() => stream.Dispose();

    private PickleContents Next() => PickleReader.Read(new PickleInput(file, stream, stream.Length - stream.Position));

    private void Begin()
    {
        if (Next().Value is not BigInteger magic || magic != Magic)
        {
            throw new KdException(
                $"{file}: is a plain pickle; expected one that torch.save wrote. In Python: "
                + "torch.save(pickle.load(open(file, 'rb')), other), if you trust it.");
        }

        if (PickleReader.Whole(Next().Value) != Version)
        {
            throw new KdException($"{file}: is of an unknown version of PyTorch's older format; expected {Version}.");
        }

        if (Next().Value is PickleDictionary machine && machine.Named.GetValueOrDefault("little_endian") is false)
        {
            throw new KdException(
                $"{file}: its numbers are in byte order 'big'; expected 'little'. Load and save it again on a little-endian "
                + "machine.");
        }
    }

    private void Find(object? names)
    {
        var keys = (names as ArrayList)?.ToArray() ?? throw Damaged("no list of storages behind its pickle");
        Span<byte> count = stackalloc byte[8];
        foreach (var key in keys)
        {
            if (key is not string name || !Contents.Storages.TryGetValue(name, out var storage))
            {
                throw Damaged($"a storage that nothing refers to ({TorchCall.Text(key)})");
            }

            if (stream.Length - stream.Position < count.Length)
            {
                throw CutOff(name);
            }

            stream.ReadExactly(count);
            var elements = BinaryPrimitives.ReadInt64LittleEndian(count);
            if (elements != storage.Whole || storage.Whole > (stream.Length - stream.Position) / storage.Type.Size)
            {
                throw elements == storage.Whole ? CutOff(name) : Damaged(
                    $"storage '{Printable.Of(name)}' of {elements} elements where its pickle says {storage.Whole}");
            }

            if (!storages.TryAdd(name, (stream.Position, elements * storage.Type.Size)))
            {
                throw Damaged($"storage '{Printable.Of(name)}' twice");
            }

            stream.Position += elements * storage.Type.Size;
        }
    }

    private KdException Damaged(string what) => new(
        $"{file}: has {what}; expected what torch.save writes. The file is damaged: fetch it again.");

    private KdException CutOff(string key) => new(
        $"{file}: is cut off in storage '{Printable.Of(key)}', at byte {stream.Length}. Fetch it again.");
}
