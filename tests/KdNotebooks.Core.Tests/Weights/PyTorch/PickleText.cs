using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace KdNotebooks.Tests.Weights.PyTorch;

/// <summary>Writes pickles opcode by opcode, and the zip archives around them, as no program of goodwill would.</summary>
internal sealed class PickleText
{
    private readonly ArrayBufferWriter<byte> bytes = new();

    public PickleText(byte protocol = 2) => Raw(0x80, protocol);

    public byte[] ToArray() => [.. bytes.WrittenSpan, (byte)'.'];

    public PickleText Raw(params byte[] opcodes)
    {
        bytes.Write(opcodes);
        return this;
    }

    public PickleText Ops(string letters) => Raw([.. letters.Select(c => (byte)c)]);

    public PickleText Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        return Ops("X").Raw(length).Raw(utf8);
    }

    public PickleText Number(long value)
    {
        var number = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, value);
        return Raw(0x8a, 8).Raw(number);
    }

    public PickleText Global(string module, string name) => Ops($"c{module}\n{name}\n");

    public PickleText Tuple(params long[] numbers)
    {
        Ops("(");
        Array.ForEach(numbers, number => Number(number));
        return Ops("t");
    }

    public PickleText Storage(long count, string key = "0", string type = "FloatStorage") =>
        Ops("(").Text("storage").Global("torch", type).Text(key).Text("cpu").Number(count).Ops("tQ");

    public PickleText Tensor(long count, long offset, long[] shape, long[] strides, string key = "0", string type = "FloatStorage") =>
        Global("torch._utils", "_rebuild_tensor_v2").Ops("(").Storage(count, key, type).Number(offset).Tuple(shape).Tuple(strides)
            .Raw(0x89).Global("collections", "OrderedDict").Ops(")R").Ops("tR");

    /// <summary>{name: tensor}.</summary>
    public static byte[] Dict(string name, Action<PickleText> value)
    {
        var text = new PickleText().Ops("}(").Text(name);
        value(text);
        return text.Ops("u").ToArray();
    }

    /// <summary>An archive as torch.save's, and what is added to it.</summary>
    public static byte[] Zip(byte[] pickle, params (string Name, byte[] Content)[] more) => Zip(
        CompressionLevel.NoCompression,
        [("archive/data.pkl", pickle), ("archive/version", "3\n"u8.ToArray()), .. more]);

    public static byte[] Zip(CompressionLevel level, params (string Name, byte[] Content)[] entries)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = archive.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }
}
