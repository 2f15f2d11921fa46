using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using KdNotebooks.Runtime;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Weights;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_file_is_byte_for_byte_what_the_specification_says()
    {
        var tensors = new Dictionary<string, Tensor>
        {
            ["flags"] = torch.tensor(new[] { true, false, true }),
            ["bias"] = torch.tensor(new[] { 1f, -2f, 0.5f }),
            ["steps"] = torch.tensor(258L),
        };

        SafeTensors.Write(Target, tensors, new Dictionary<string, string> { ["format"] = "pt", ["é"] = "1 < 2" });

        // The widest elements lie first (steps, bias, flags), the names stand in order.
        const string Json = """
            {"__metadata__":{"format":"pt","é":"1 < 2"},
            "bias":{"dtype":"F32","shape":[3],"data_offsets":[8,20]},
            "flags":{"dtype":"BOOL","shape":[3],"data_offsets":[20,23]},
            "steps":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}
            """;
        var header = Encoding.UTF8.GetBytes(Json.ReplaceLineEndings(""));
        var padded = header.Concat(Enumerable.Repeat((byte)' ', (8 - header.Length % 8) % 8)).ToArray();
        byte[] data =
        [
            0x02, 0x01, 0, 0, 0, 0, 0, 0, // 258
            0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F, // 1, -2, 0.5
            1, 0, 1,
        ];
        Assert.Equal(RawSafeTensors.Bytes(padded, data), File.ReadAllBytes(Target));
    }

    [Fact]
    public void The_data_begins_at_a_multiple_of_eight_bytes()
    {
        foreach (var name in new[] { "a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh" })
        {
            SafeTensors.Write(Target, new Dictionary<string, Tensor> { [name] = torch.zeros(1) });

            var bytes = File.ReadAllBytes(Target);
            var length = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            Assert.Equal(0UL, length % 8);
            Assert.Equal(bytes.Length - 4, 8 + (int)length);
        }
    }

    [Fact]
    public void The_order_of_the_dictionary_changes_no_byte()
    {
        var (a, b) = (torch.ones(3), torch.ones(2, torch.float64));
        var one = new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" };
        var two = new Dictionary<string, string> { ["y"] = "2", ["x"] = "1" };

        SafeTensors.Write(Target, new Dictionary<string, Tensor> { ["a"] = a, ["b"] = b }, one);
        SafeTensors.Write(folder.File("other"), new Dictionary<string, Tensor> { ["b"] = b, ["a"] = a }, two);

        Assert.Equal(File.ReadAllBytes(Target), File.ReadAllBytes(folder.File("other")));
    }

    [Fact]
    public void Channels_last_transposed_and_sliced_tensors_are_written_in_logical_order()
    {
        var plain = torch.arange(2 * 3 * 4 * 5, torch.float32).view(2, 3, 4, 5);
        var channelsLast = plain.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        var sliced = torch.arange(2 * 3 * 4 * 10, torch.float32).view(2, 3, 4, 10).slice(3, 0, 10, 2).div_(2);
        Assert.False(channelsLast.is_contiguous());
        Assert.False(sliced.is_contiguous());

        SafeTensors.Write(Target, new Dictionary<string, Tensor> { ["x"] = plain });
        SafeTensors.Write(folder.File("last"), new Dictionary<string, Tensor> { ["x"] = channelsLast });
        SafeTensors.Write(folder.File("sliced"), new Dictionary<string, Tensor> { ["x"] = sliced });

        Assert.Equal(File.ReadAllBytes(Target), File.ReadAllBytes(folder.File("last")));
        Assert.Equal(File.ReadAllBytes(Target), File.ReadAllBytes(folder.File("sliced")));
    }

    [Fact]
    public void The_fingerprint_is_the_hash_of_the_file_without_metadata()
    {
        var tensors = new Dictionary<string, Tensor> { ["w"] = torch.arange(6f).view(2, 3).t() };

        SafeTensors.Write(Target, tensors);

        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Target)));
        Assert.Equal(hash, SafeTensors.Fingerprint(tensors));
    }

    [Fact]
    public void A_type_that_the_format_cannot_hold_is_refused_and_the_old_file_stays()
    {
        File.WriteAllText(Target, "old");

        var tensors = new Dictionary<string, Tensor>
        {
            ["fine"] = torch.zeros(1),
            ["wave"] = torch.zeros(1, torch.complex64),
        };

        var error = Assert.Throws<KdException>(() => SafeTensors.Write(Target, tensors));

        Assert.Contains($"{Target}: tensor 'wave': is ComplexFloat32; expected a dense tensor of F16", error.Message);
        Assert.Equal("old", File.ReadAllText(Target));
        Assert.Single(folder.Names);
    }

    [Fact]
    public void A_name_that_the_format_cannot_hold_is_refused()
    {
        Assert.Contains("keeps this name", Refused("__metadata__"));
        Assert.Contains("surrogate", Refused("half \ud800"));
        Assert.Empty(folder.Names);

        string Refused(string name) => Assert.Throws<KdException>(
            () => SafeTensors.Write(Target, new Dictionary<string, Tensor> { [name] = torch.zeros(1) })).Message;
    }

    [Fact]
    public void A_sparse_tensor_is_refused()
    {
        var sparse = torch.sparse_coo_tensor(torch.zeros(1, 2, dtype: torch.int64), torch.ones(2), [3]);

        var error = Assert.Throws<KdException>(
            () => SafeTensors.Write(Target, new Dictionary<string, Tensor> { ["s"] = sparse }));

        Assert.Contains("'s': is sparse", error.Message);
    }

    [Fact]
    public void Writing_and_hashing_leave_no_tensor_alive()
    {
        var tensors = new Dictionary<string, Tensor> { ["w"] = torch.rand(3, 4, requires_grad: true).t() };
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        SafeTensors.Write(Target, tensors);
        SafeTensors.Fingerprint(tensors);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private string Target => folder.File("target.safetensors");
}
