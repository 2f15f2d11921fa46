using System.Diagnostics;
using System.IO.Compression;
using KdNotebooks.Runtime;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Weights.PyTorch;

/// <summary>Files that are damaged, or made to do harm: an error in one line, or an entry that is not built.</summary>
public sealed class HostileFileTests : IDisposable
{
    private static readonly byte[] Four = new byte[16];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(4, 0, new long[] { 5 }, new long[] { 1 }, "ends at element 5 of a storage of 4")]
    [InlineData(4, 3, new long[] { 2 }, new long[] { 1 }, "ends at element 5 of a storage of 4")]
    [InlineData(4, -1, new long[] { 2 }, new long[] { 1 }, "expected none below 0")]
    [InlineData(4, 0, new long[] { -2 }, new long[] { 1 }, "expected none below 0")]
    [InlineData(4, 3, new long[] { 2 }, new long[] { -1 }, "expected none below 0")]
    [InlineData(4, 0, new long[] { 2, 2 }, new long[] { 1 }, "2 sizes and 1 strides")]
    [InlineData(4, 0, new long[] { 1L << 40, 1L << 40 }, new long[] { 0, 0 }, "more than 2^63 bytes")]
    [InlineData(4, 0, new long[] { 1L << 40 }, new long[] { 0 }, "its strides repeat what is there")]
    [InlineData(4, 0, new long[] { 2 }, new long[] { long.MaxValue }, "more than 2^63 bytes")]
    [InlineData(4, long.MaxValue, new long[] { 2 }, new long[] { 1 }, "more than 2^63 bytes")]
    [InlineData(4, 0, new long[] { 0, 1L << 62 }, new long[] { 1, 1 }, "more than 2^63 bytes")]
    [InlineData(1L << 40, 0, new long[] { 2 }, new long[] { 1 }, "and the file has 16 of it")]
    [InlineData(5, 0, new long[] { 2 }, new long[] { 1 }, "and the file has 16 of it")]
    public void A_tensor_lies_in_its_storage_and_the_storage_in_the_file(
        long count, long offset, long[] shape, long[] strides, string fault) => Refused(
            PickleText.Zip(PickleText.Dict("w", text => text.Tensor(count, offset, shape, strides)), ("archive/data/0", Four)),
            "tensor 'w': ", fault);

    [Theory]
    [InlineData("../0")]
    [InlineData("../../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("..\\0")]
    public void A_storages_name_is_a_name_in_the_archive_and_no_path(string key)
    {
        var pickle = PickleText.Dict("w", text => text.Tensor(4, 0, [4], [1], key));
        Refused(PickleText.Zip(pickle, ("archive/data/0", Four)), "which the file does not have");
    }

    [Theory]
    [InlineData("archive/data/../../../tmp/x")]
    [InlineData("../archive/data/1")]
    [InlineData("/tmp/x")]
    [InlineData("other/data/1")]
    [InlineData("archive/data\\1")]
    public void An_entry_outside_of_the_archives_folder_is_refused(string name) =>
        Refused(PickleText.Zip(One(), ("archive/data/0", Four), (name, Four)), "outside of its folder 'archive/'");

    [Fact]
    public void A_name_that_is_there_twice_is_refused() => Refused(
        PickleText.Zip(One(), ("archive/data/0", Four), ("archive/data/0", new byte[16])), "holds the entry 'archive/data/0' twice");

    [Fact]
    public void A_second_pickle_is_refused() =>
        Refused(PickleText.Zip(One(), ("archive/data/0", Four), ("other/data.pkl", One())), "2 entries data.pkl");

    [Fact]
    public void What_is_compressed_is_refused_before_it_is_unpacked()
    {
        var bomb = PickleText.Dict("w", text => text.Tensor(1 << 22, 0, [1 << 22], [1]));
        var file = PickleText.Zip(
            CompressionLevel.SmallestSize, ("archive/data.pkl", bomb), ("archive/data/0", new byte[1 << 24]));
        Assert.True(file.Length < 1 << 17);
        Refused(file, "is compressed or encrypted");
    }

    [Theory]
    [InlineData("constants.pkl", "TorchScript")]
    [InlineData("code/__torch__.py", "TorchScript")]
    [InlineData(".data/extern_modules", "torch.package")]
    public void Programs_are_refused_by_name(string entry, string kind) =>
        Refused(PickleText.Zip(One(), ("archive/data/0", Four), ($"archive/{entry}", Four)), kind);

    [Fact]
    public void Big_endian_numbers_are_refused() =>
        Refused(PickleText.Zip(One(), ("archive/data/0", Four), ("archive/byteorder", "big"u8.ToArray())), "byte order 'big'");

    [Fact]
    public void A_changed_byte_of_a_storage_is_found()
    {
        var values = Enumerable.Range(1, 16).Select(i => (byte)i).ToArray();
        var file = PickleText.Zip(One(), ("archive/data/0", values));
        file[file.AsSpan().IndexOf(values) + 5] ^= 1;
        using var open = WeightsFile.Open(folder.Write("x.pth", file));
        Assert.Contains("another checksum", Assert.Throws<KdException>(() => open.Load("w")).Message);
    }

    [Theory]
    [InlineData("state_dict.pth")]
    [InlineData("legacy.pth")]
    [InlineData("checkpoint_namespace.pth")]
    public void A_file_that_is_cut_off_anywhere_is_refused_in_one_line(string name)
    {
        var whole = File.ReadAllBytes(TorchFileAssert.Golden(name));
        for (var length = 0; length < whole.Length; length += length < 600 ? 1 : 13)
        {
            Refused(whole[..length]);
        }
    }

    [Fact]
    public void A_file_with_changed_bytes_is_read_or_refused_and_nothing_else()
    {
        var dice = new Random(5);
        foreach (var name in new[] { "legacy.pth", "checkpoint_namespace.pth", "views.pth" })
        {
            var whole = File.ReadAllBytes(TorchFileAssert.Golden(name));
            for (var i = 0; i < 300; i++)
            {
                var changed = whole.ToArray();
                for (var j = dice.Next(1, 4); j > 0; j--)
                {
                    changed[dice.Next(changed.Length)] = (byte)dice.Next(256);
                }

                try
                {
                    using var scope = torch.NewDisposeScope();
                    using var file = WeightsFile.Open(folder.Write("x.pth", changed));
                    file.LoadAll();
                }
                catch (KdException error)
                {
                    Assert.DoesNotContain('\n', error.Message);
                }
            }
        }
    }

    [Fact]
    public void Depth_is_no_danger()
    {
        const int depth = 1_900_000;
        var deep = new PickleText().Ops("}(").Text("deep").Ops(new string(']', depth)).Ops(new string('a', depth - 1))
            .Text("w").Tensor(4, 0, [4], [1]).Ops("u").ToArray();
        using var file = WeightsFile.Open(folder.Write("x.pth", PickleText.Zip(deep, ("archive/data/0", Four))));
        Assert.Equal(["w"], file.Entries.Keys);
    }

    [Fact]
    public void Deep_dictionaries_and_dictionaries_of_themselves_end()
    {
        var deep = new PickleText().Ops("}");
        for (var i = 0; i < 100_000; i++)
        {
            deep.Text("model").Ops("}");
        }

        Refused(PickleText.Zip(deep.Ops(new string('s', 100_000)).ToArray()), "holds no state dict");

        // {"self": itself, "list": [itself], "model": {"w": tensor, "up": itself}}
        var knot = new PickleText().Ops("}").Raw((byte)'q', 0).Ops("(").Text("self").Raw((byte)'h', 0).Text("list").Ops("]")
            .Raw((byte)'h', 0).Ops("a").Text("model").Ops("}(").Text("w").Tensor(4, 0, [4], [1]).Text("up").Raw((byte)'h', 0)
            .Ops("uu").ToArray();
        using var file = WeightsFile.Open(folder.Write("x.pth", PickleText.Zip(knot, ("archive/data/0", Four))));
        Assert.Equal("model", file.Entry);
        Assert.Equal(["list", "self"], file.Beside.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Lengths_that_are_not_there_take_no_memory()
    {
        var before = GC.GetTotalAllocatedBytes();
        Refused(PickleText.Zip(new PickleText().Ops("X").Raw(0xff, 0xff, 0xff, 0x7f).ToArray()), "cut off");
        Refused(PickleText.Zip(new PickleText().Ops("T").Raw(0xff, 0xff, 0xff, 0xff).ToArray()), "cut off");
        Refused(PickleText.Zip(new PickleText().Raw(0x8d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f).ToArray()), "cut off");
        Refused(PickleText.Zip(new PickleText().Raw(0x96, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff).ToArray()), "cut off");
        Refused(PickleText.Zip(new PickleText().Raw(0x8b, 0xff, 0xff, 0xff, 0x7f).ToArray()), "cut off");
        Assert.True(GC.GetTotalAllocatedBytes() - before < 10 << 20);
    }

    [Theory]
    [InlineData("t")]
    [InlineData("R")]
    [InlineData("0")]
    [InlineData("}u")]
    [InlineData("]}a.")]
    [InlineData("NNR")]
    [InlineData("NNb")]
    [InlineData("h\u0005")]
    [InlineData("}N)s")]
    [InlineData("I1x\n")]
    [InlineData("L1\u0661\n")]
    [InlineData("Fx\n")]
    [InlineData("S'x\n")]
    [InlineData("g99999999999999999999\n")]
    [InlineData("Vx\\u12\n")]
    [InlineData("NQ")]
    [InlineData("\u0000")]
    public void Operations_that_cannot_be_done_are_an_error_in_one_line(string opcodes) =>
        Refused(PickleText.Zip(new PickleText().Ops(opcodes).ToArray()));

    [Fact]
    public void A_protocol_and_a_class_by_number_that_nobody_knows_are_refused()
    {
        Refused(PickleText.Zip(new PickleText(6).Ops("N").ToArray()), "protocol 6");
        Refused(PickleText.Zip(new PickleText().Raw(0x82, 1).ToArray()), "copyreg");
        Refused(PickleText.Zip(new PickleText(5).Raw(0x97).ToArray()), "buffer");
    }

    [Fact]
    public void The_last_of_two_equal_keys_wins_as_in_Python()
    {
        var pickle = new PickleText().Ops("}(").Text("w").Tensor(4, 0, [2], [1]).Text("w").Tensor(4, 0, [3], [1]).Ops("u");
        using var file = WeightsFile.Open(folder.Write("x.pth", PickleText.Zip(pickle.ToArray(), ("archive/data/0", Four))));
        Assert.Equal([3L], file.Entries["w"].Shape);
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("__builtin__", "eval")]
    [InlineData("builtins", "complex")]
    [InlineData("decimal", "Decimal")]
    [InlineData("datetime", "datetime")]
    [InlineData("__builtin__", "bytearray")]
    [InlineData("torch._utils", "_rebuild_sparse_tensor")]
    public void Only_what_depends_on_something_that_is_not_built_is_refused(string module, string name)
    {
        var pickle = new PickleText().Ops("}(").Text("good").Tensor(4, 0, [4], [1])
            .Text("bad").Global("torch._utils", "_rebuild_tensor_v2").Ops("(").Global(module, name).Ops("(").Text("x").Ops("tR")
            .Number(0).Tuple(4).Tuple(1).Raw(0x89).Ops("NtR")
            .Text("called").Global(module, name).Ops("(").Text("x").Ops("tR")
            .Text("given a state").Global(module, name).Ops(")").Raw(0x81).Ops("}b")
            .Text("old style").Ops($"(i{module}\n{name}\n")
            .Text("older").Ops("(").Global(module, name).Text("x").Ops("o")
            .Text("by names").Global(module, name).Ops(")}").Raw(0x92)
            .Ops("u").ToArray();
        using var file = WeightsFile.Open(folder.Write("x.pth", PickleText.Zip(pickle, ("archive/data/0", Four))));
        Assert.Equal(["good"], file.Entries.Keys);
        Assert.Equal(6, file.Refused.Count);
        Assert.All(file.Refused.Values, why => Assert.Contains($"{module}.{name}", why));
        Assert.Equal(6, file.NotBuilt[$"{module}.{name}"]);
        Assert.Contains("depends on", Assert.Throws<KdException>(() => file.Load("bad")).Message);
    }

    [Fact]
    public void What_a_library_registers_for_the_whole_process_plays_no_part()
    {
        Razorvine.Pickle.Unpickler.registerConstructor("kd.tests", "Danger", new Danger());
        var pickle = new PickleText().Ops("}(").Text("w").Tensor(4, 0, [4], [1]).Text("x").Global("kd.tests", "Danger")
            .Ops(")R").Text("y").Ops("(ikd.tests\nDanger\n").Ops("u").ToArray();
        using var file = WeightsFile.Open(folder.Write("x.pth", PickleText.Zip(pickle, ("archive/data/0", Four))));
        Assert.Equal(["w"], file.Entries.Keys);
    }

    [Fact]
    public void Control_characters_of_names_do_not_reach_a_terminal()
    {
        var pickle = PickleText.Dict("\u001b[2Jw\n\u202e", text => text.Tensor(4, 9, [4], [1]));
        var message = Refused(PickleText.Zip(pickle, ("archive/data/0", Four)), "tensor '\\u001b[2Jw\\u000a\\u202e'");
        Assert.DoesNotContain('\u001b', message);
    }

    [Fact]
    public void Tensors_that_repeat_one_storage_without_end_are_not_read_together()
    {
        var pickle = new PickleText().Ops("}(");
        for (var i = 0; i < 40; i++)
        {
            pickle.Text($"{i}").Tensor(1 << 16, 0, [1 << 16], [1]);
        }

        Refused(PickleText.Zip(pickle.Ops("u").ToArray(), ("archive/data/0", new byte[1 << 18])), "one by one");
    }

    [Fact]
    public void A_bool_that_is_neither_0_nor_1_is_an_error()
    {
        var pickle = PickleText.Dict("w", text => text.Tensor(16, 0, [16], [1], type: "BoolStorage"));
        using var file = WeightsFile.Open(folder.Write("x.pth", PickleText.Zip(pickle, ("archive/data/0", [.. Four[1..], 2]))));
        Assert.Contains("a bool holds 2", Assert.Throws<KdException>(() => file.Load("w")).Message);
    }

    [Fact]
    public void Pipes_devices_and_folders_are_refused_at_once()
    {
        Refused(folder.Path, ["is a folder"]);
        if (OperatingSystem.IsLinux())
        {
            var pipe = folder.File("pipe.pth");
            using (var make = Process.Start("mkfifo", [pipe]))
            {
                make.WaitForExit();
            }

            Refused(pipe, ["is a pipe, a device or a socket"]);
            Refused("/dev/zero", ["is a pipe, a device or a socket"]);
            Assert.Contains(
                "is a pipe", Assert.Throws<KdException>(() => SafeTensorsFile.Open(pipe)).Message);
        }
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html>", "a web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "Git LFS")]
    [InlineData("", "empty")]
    [InlineData("hello", "of no format that is known here")]
    public void What_is_no_file_of_weights_is_said(string text, string what) =>
        Refused(System.Text.Encoding.UTF8.GetBytes(text), what, "expected a safetensors file, or one that PyTorch's torch.save wrote");

    private static byte[] One() => PickleText.Dict("w", text => text.Tensor(4, 0, [4], [1]));

    private string Refused(byte[] content, params string[] parts) => Refused(folder.Write("x.pth", content), parts);

    private static string Refused(string path, string[] parts)
    {
        using var scope = torch.NewDisposeScope();
        var message = Assert.Throws<KdException>(() =>
        {
            using var file = WeightsFile.Open(path);
            file.LoadAll();
        }).Message;
        Assert.StartsWith(path, message);
        Assert.DoesNotContain('\n', message);
        Assert.All(parts, part => Assert.Contains(part, message));
        return message;
    }

    private sealed class Danger : Razorvine.Pickle.IObjectConstructor
    {
        public object construct(object[] args) => throw new InvalidOperationException("it was called");
    }
}
