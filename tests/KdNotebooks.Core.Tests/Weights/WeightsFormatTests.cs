using System.Buffers.Binary;
using System.Text;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Weights;

/// <summary>A file's format is known by its bytes, whatever length its header has.</summary>
public sealed class WeightsFormatTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // 128 and 640 begin as a pickle of protocol 0 and 2 does, 19280 as a zip file: "PK".
    [Theory]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(384)]
    [InlineData(640)]
    [InlineData(1408)]
    [InlineData(19280)]
    public void Safetensors_of_any_header_length_are_safetensors(int length)
    {
        var header = "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}".PadRight(length);
        var bytes = new byte[8 + length + 4];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        Encoding.ASCII.GetBytes(header).CopyTo(bytes, 8);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(8 + length), 2.5f);
        foreach (var name in new[] { "a.safetensors", "b.bin" })
        {
            File.WriteAllBytes(folder.File(name), bytes);
            using var scope = torch.NewDisposeScope();
            using var file = WeightsFile.Open(folder.File(name));
            Assert.Equal(2.5f, file.Load("w").item<float>());
        }
    }
}
