using KdNotebooks.Runtime;
using KdNotebooks.Weights;
using ScalarType = TorchSharp.torch.ScalarType;

namespace KdNotebooks.Tests.Weights;

public sealed class SafeTensorsFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    public void What_is_written_comes_back(ScalarType dtype)
    {
        var (matrix, scalar, empty) = (
            torch.arange(6).view(2, 3).to_type(dtype), torch.ones([], dtype), torch.empty([0, 3], dtype));
        SafeTensors.Write(Target, new Dictionary<string, Tensor> { ["m"] = matrix, ["s"] = scalar, ["e"] = empty });

        using var file = SafeTensorsFile.Open(Target);
        var loaded = file.LoadAll();

        Assert.Equal(3, loaded.Count);
        Assert.All(loaded.Values, tensor => Assert.Equal(dtype, tensor.dtype));
        Assert.Equal(matrix.bytes.ToArray(), loaded["m"].bytes.ToArray());
        Assert.Equal([2, 3], loaded["m"].shape);
        Assert.Equal(scalar.bytes.ToArray(), loaded["s"].bytes.ToArray());
        Assert.Empty(loaded["s"].shape);
        Assert.Equal([0, 3], loaded["e"].shape);
    }

    [Fact]
    public void Infinities_and_every_bit_of_a_nan_come_back()
    {
        byte[] bits = [1, 0, 0xC0, 0x7F, 0, 0, 0x80, 0xFF, 0, 0, 0x80, 0x7F, 0, 0, 0, 0x80, 1, 0, 0, 0];
        Write("""{"x":{"dtype":"F32","shape":[5],"data_offsets":[0,20]}}""", bits); // NaN, -inf, inf, -0, denormal
        using var file = SafeTensorsFile.Open(Target);

        SafeTensors.Write(folder.File("again"), file.LoadAll());

        Assert.Equal(bits, file.Load("x").bytes.ToArray());
        Assert.Equal(bits, File.ReadAllBytes(folder.File("again"))[^20..]);
    }

    // The example in the documentation of the reference implementation; its header is not padded to 8 bytes.
    [Fact]
    public void The_reference_implementations_example_is_read()
    {
        Write(
            """{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}""",
            [.. Enumerable.Range(0, 16).Select(i => (byte)i)]);
        Assert.Equal((byte)'<', File.ReadAllBytes(Target)[0]);

        using var file = SafeTensorsFile.Open(Target);
        var test = file.Load("test");

        Assert.Equal([2, 2], test.shape);
        Assert.Equal([0x03020100, 0x07060504, 0x0B0A0908, 0x0F0E0D0C], test.data<int>().ToArray());
    }

    [Fact]
    public void The_header_tells_all_without_loading()
    {
        Write(
            """{"__metadata__":{"format":"pt"},"w":{"dtype":"BF16","shape":[3,1],"data_offsets":[0,6]}}  """,
            new byte[6]);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        using var file = SafeTensorsFile.Open(Target);

        Assert.Equal("pt", file.Metadata["format"]);
        var info = Assert.Single(file.Tensors).Value;
        Assert.Equal(("w", ScalarType.BFloat16, 0L, 6L), (info.Name, info.Dtype, info.Begin, info.Length));
        Assert.Equal([3, 1], info.Shape);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_file_without_tensors_is_read()
    {
        Write("{}");

        using var file = SafeTensorsFile.Open(Target);

        Assert.Empty(file.LoadAll());
        Assert.Empty(file.Metadata);
    }

    [Fact]
    public void A_tensor_that_is_read_in_several_pieces_comes_back()
    {
        var tensor = torch.arange(TensorBytes.DefaultPiece / 4 * 2 + 3, torch.int32);
        SafeTensors.Write(Target, new Dictionary<string, Tensor> { ["x"] = tensor });

        using var file = SafeTensorsFile.Open(Target);

        Assert.True(tensor.Equals(file.Load("x")));
    }

    [Fact]
    public void A_tensor_beyond_two_gigabytes_is_reached()
    {
        const long Far = 3L << 30;
        Write($$$"""
            {"far":{"dtype":"I16","shape":[2],"data_offsets":[{{{Far}}},{{{Far + 4}}}]},
            "pad":{"dtype":"U8","shape":[{{{Far}}}],"data_offsets":[0,{{{Far}}}]}}
            """);
        using (var stream = File.OpenWrite(Target))
        {
            stream.Position = stream.Length + Far; // a hole: it takes no space on the disk
            stream.Write([1, 0, 2, 0]);
        }

        using var file = SafeTensorsFile.Open(Target);

        Assert.Equal([1, 2], file.Load("far").data<short>().ToArray());
    }

    [Fact]
    public void What_was_opened_is_what_is_loaded_even_when_the_file_is_replaced()
    {
        SafeTensors.Write(Target, new Dictionary<string, Tensor> { ["x"] = torch.tensor(1f) });
        using var file = SafeTensorsFile.Open(Target);

        SafeTensors.Write(Target, new Dictionary<string, Tensor> { ["x"] = torch.tensor(2f) });

        Assert.Equal(1f, file.Load("x").item<float>());
    }

    [Fact]
    public void An_unknown_tensor_is_refused_with_those_there_are()
    {
        SafeTensors.Write(Target, new Dictionary<string, Tensor> { ["weight"] = torch.zeros(1) });
        using var file = SafeTensorsFile.Open(Target);

        var error = Assert.Throws<KdException>(() => file.Load("bias"));

        Assert.Contains($"{Target}: has no tensor 'bias'; it has 1: weight", error.Message);
    }

    [Fact]
    public void A_bool_that_is_neither_0_nor_1_is_refused()
    {
        Write("""{"mask":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}""", 0, 1, 2);
        using var file = SafeTensorsFile.Open(Target);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        var error = Assert.Throws<KdException>(() => file.Load("mask"));

        Assert.Contains("tensor 'mask': a BOOL holds 2", error.Message);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_file_cut_off_after_it_was_opened_is_refused()
    {
        SafeTensors.Write(Target, new Dictionary<string, Tensor> { ["x"] = torch.zeros(100) });
        using var file = SafeTensorsFile.Open(Target);
        const FileShare Shared = FileShare.ReadWrite | FileShare.Delete;
        using (var stream = new FileStream(Target, FileMode.Open, FileAccess.Write, Shared))
        {
            stream.SetLength(stream.Length - 10);
        }

        var error = Assert.Throws<KdException>(() => file.Load("x"));

        Assert.Contains("tensor 'x' cannot be read", error.Message);
    }

    [Fact]
    public void A_missing_file_or_a_folder_is_refused_by_name()
    {
        Assert.Contains(Target, Assert.Throws<KdException>(() => SafeTensorsFile.Open(Target)).Message);
        var root = Path.GetDirectoryName(Target)!;
        Assert.Contains(root, Assert.Throws<KdException>(() => SafeTensorsFile.Open(root)).Message);
    }

    [Fact]
    public void Loaded_tensors_die_with_the_callers_scope()
    {
        SafeTensors.Write(Target, new Dictionary<string, Tensor> { ["a"] = torch.zeros(2), ["b"] = torch.zeros(3) });
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        using (torch.NewDisposeScope())
        {
            using var file = SafeTensorsFile.Open(Target);
            Assert.Equal([0, 0], file.LoadAll()["a"].data<float>().ToArray());
            Assert.Equal(before + 2, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private void Write(string json, params byte[] data) => File.WriteAllBytes(Target, RawSafeTensors.Bytes(json, data));

    private string Target => folder.File("target.safetensors");
}
