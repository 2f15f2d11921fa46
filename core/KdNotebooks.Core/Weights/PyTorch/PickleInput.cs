using System.Buffers.Binary;
using KdNotebooks.Runtime;

namespace KdNotebooks.Weights.PyTorch;

/// <summary>The bytes of a pickle, read once from front to end; a length is believed as far as there are bytes.</summary>
/// <param name="stream">At the pickle's first byte.</param>
/// <param name="length">Bytes that there are from here on.</param>
internal sealed class PickleInput(string file, Stream stream, long length)
{
    /// <summary>
    /// In bytes. Names, sizes and settings, no weights: some megabytes in the largest checkpoints, where a training's log
    /// is kept with them.
    /// </summary>
    public const long Limit = 128L << 20;

    /// <summary>Each makes an object; this bounds what a small file can grow to.</summary>
    public const int MostOpcodes = 4_000_000;

    /// <summary>The longest number or name that is text; longer ones take a time that grows with the square.</summary>
    public const int LongestWord = 4096;

    /// <summary>Bytes that were read.</summary>
    public long Position { get; private set; }

    public byte ReadByte()
    {
        Require(1);
        var value = stream.ReadByte();
        return value < 0 ? throw Short(1) : (byte)value;
    }

    public byte[] Read(long count)
    {
        Require(count);
        var bytes = new byte[count];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public long ReadLength(int width) => width switch
    {
        1 => ReadByte(),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(Read(4)),
        _ => BinaryPrimitives.ReadInt64LittleEndian(Read(8)),
    };

    /// <summary>The text before the next line feed, which is left out.</summary>
    public byte[] ReadLine(long longest = Limit)
    {
        var line = new List<byte>();
        for (var next = ReadByte(); next != (byte)'\n'; next = ReadByte())
        {
            line.Add(next);
            if (line.Count > longest)
            {
                throw Damaged($"a word of more than {longest} letters at byte {Position}");
            }
        }

        return [.. line];
    }

    public KdException Damaged(string what) => new(
        $"{file}: its pickle has {what}; expected what torch.save writes. The file is damaged, or made for something else: "
        + "fetch it again.");

    private void Require(long count)
    {
        if (count < 0 || count > length - Position)
        {
            throw Short(count);
        }

        Position += count;
        if (Position > Limit)
        {
            throw new KdException(
                $"{file}: its pickle has more than {Limit >> 20} MB; expected names and sizes, a few MB at most. Save the "
                + "weights alone: torch.save(model.state_dict(), file).");
        }
    }

    private KdException Short(long count) => new(
        $"{file}: its pickle is cut off: {count} bytes are to follow byte {Position}, and there are {length - Position}. "
        + "Fetch the file again.");
}
