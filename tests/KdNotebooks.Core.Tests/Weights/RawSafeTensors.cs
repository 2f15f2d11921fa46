using System.Text;

namespace KdNotebooks.Tests.Weights;

/// <summary>A file put together by hand from the specification, right or wrong, without the code under test.</summary>
internal static class RawSafeTensors
{
    internal static byte[] Bytes(string json, params byte[] data) => Bytes(Encoding.UTF8.GetBytes(json), data);

    internal static byte[] Bytes(byte[] header, byte[] data)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream); // little-endian on every machine
        writer.Write((ulong)header.Length);
        writer.Write(header);
        writer.Write(data);
        return stream.ToArray();
    }
}
