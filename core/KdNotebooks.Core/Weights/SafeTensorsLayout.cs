using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using KdNotebooks.Runtime;

namespace KdNotebooks.Weights;

/// <summary>The header of a file to be written, and the order in which the tensors follow it.</summary>
/// <param name="Header">The length, the JSON and its padding to a multiple of 8 bytes.</param>
/// <param name="InDataOrder">Not owned.</param>
internal sealed record SafeTensorsLayout(byte[] Header, IReadOnlyList<Tensor> InDataOrder)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    // The file goes into no HTML, so names beyond ASCII stay readable, as the reference writes them.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static SafeTensorsLayout Create(
        string file, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        Check(file, tensors, metadata);
        var names = tensors.Keys.Order(StringComparer.Ordinal).ToArray();

        // The names stand in ordinal order, the data with the widest elements first, as in the reference: since the
        // data begins at a multiple of 8, every tensor is aligned to its elements in a file that is mapped into memory.
        var inDataOrder = names.OrderByDescending(name => tensors[name].ElementSize).ToArray();
        var begin = new Dictionary<string, long>(names.Length);
        var offset = 0L;
        foreach (var name in inDataOrder)
        {
            begin[name] = offset;
            offset = checked(offset + Length(tensors[name]));
        }

        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, Options))
        {
            writer.WriteStartObject();
            WriteMetadata(writer, metadata);
            foreach (var name in names)
            {
                WriteTensor(writer, name, tensors[name], begin[name]);
            }

            writer.WriteEndObject();
        }

        return new(Frame(file, json.WrittenSpan), [.. inDataOrder.Select(name => tensors[name])]);
    }

    private static long Length(Tensor tensor) => checked(tensor.NumberOfElements * tensor.ElementSize);

    private static byte[] Frame(string file, ReadOnlySpan<byte> json)
    {
        var padded = (json.Length + 7) / 8 * 8;
        if (padded > SafeTensorsHeader.MaxLength)
        {
            throw new KdException(
                $"{file}: the header would take {padded} bytes; the format allows {SafeTensorsHeader.MaxLength}. "
                + "Write fewer tensors or less metadata a file.");
        }

        var header = new byte[8 + padded];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)padded);
        json.CopyTo(header.AsSpan(8));
        header.AsSpan(8 + json.Length).Fill((byte)' ');
        return header;
    }

    private static void WriteMetadata(Utf8JsonWriter writer, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is not { Count: > 0 })
        {
            return;
        }

        writer.WriteStartObject(SafeTensorsHeader.MetadataName);
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter writer, string name, Tensor tensor, long begin)
    {
        writer.WriteStartObject(name);
        writer.WriteString("dtype", SafeTensorsDtype.NameOf(tensor.dtype));
        WriteNumbers(writer, "shape", tensor.shape);
        WriteNumbers(writer, "data_offsets", [begin, begin + Length(tensor)]);
        writer.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, long[] numbers)
    {
        writer.WriteStartArray(name);
        foreach (var number in numbers)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    private static void Check(
        string file, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        foreach (var (name, tensor) in tensors)
        {
            var where = $"{file}: tensor '{name}'";
            RequireText(name, where);
            if (name == SafeTensorsHeader.MetadataName)
            {
                throw new KdException($"{where}: the format keeps this name for its metadata; use another.");
            }

            if (SafeTensorsDtype.NameOf(tensor.dtype) is null || tensor.is_sparse)
            {
                throw new KdException(
                    $"{where}: is {(tensor.is_sparse ? "sparse " : "")}{tensor.dtype}; expected a dense tensor of "
                    + $"{SafeTensorsDtype.Known}. Convert it with to_type or to_dense.");
            }
        }

        foreach (var (key, value) in metadata ?? new Dictionary<string, string>())
        {
            RequireText(key, $"{file}: metadata '{key}'");
            RequireText(value, $"{file}: metadata '{key}'");
        }
    }

    // A lone surrogate would be replaced on writing, and two names could become one.
    private static void RequireText(string? text, string where)
    {
        try
        {
            StrictUtf8.GetByteCount(text ?? throw new KdException($"{where}: expected text, got null."));
        }
        catch (EncoderFallbackException error)
        {
            throw new KdException($"{where}: holds half a surrogate pair; expected text that UTF-8 can hold.", error);
        }
    }
}
