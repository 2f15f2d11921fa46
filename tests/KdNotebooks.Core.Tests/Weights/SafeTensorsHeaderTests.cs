using System.Text;
using KdNotebooks.Runtime;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Weights;

/// <summary>One planted defect each, in files put together by hand.</summary>
public sealed class SafeTensorsHeaderTests : IDisposable
{
    private const string Entry = """{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""";

    private const string Good = """{"x":""" + Entry + "}";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_file_that_the_defects_are_planted_in_is_good()
    {
        File.WriteAllBytes(Target, RawSafeTensors.Bytes(Good + "   ", new byte[8]));

        using var file = SafeTensorsFile.Open(Target);

        Assert.Equal("x", Assert.Single(file.Tensors).Key);
    }

    [Theory]
    [InlineData(0, "has 0 bytes")]
    [InlineData(7, "has 7 bytes")]
    [InlineData(8, "said to take 54 bytes")]
    [InlineData(40, "said to take 54 bytes")]
    [InlineData(62, "tensor 'x': ends at byte 8 of the data, but the file has 0")]
    [InlineData(69, "tensor 'x': ends at byte 8 of the data, but the file has 7")]
    public void A_truncated_file_is_refused(int length, string reason) =>
        Refuses(RawSafeTensors.Bytes(Good, new byte[8])[..length], reason);

    [Theory]
    [InlineData(100_000_001)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    public void A_header_longer_than_the_file_or_the_format_allows_is_refused(ulong length) =>
        Refuses([.. BitConverter.GetBytes(length), .. "{}"u8, .. new byte[8]], $"said to take {length}");

    [Fact]
    public void Bytes_after_the_last_tensor_are_refused() =>
        Refuses(RawSafeTensors.Bytes(Good, new byte[9]), "1 bytes follow the last tensor, 'x'");

    [Fact]
    public void Data_without_a_tensor_are_refused() =>
        Refuses(RawSafeTensors.Bytes("{}", 1, 2), "2 bytes follow the last");

    [Theory]
    [InlineData("[4,12]", "[12,16]", "tensor 'a': begins at byte 4, but bytes from 0 belong to no tensor: gap")]
    [InlineData("[0,8]", "[12,16]", "tensor 'b': begins at byte 12, but bytes from 8 belong to no tensor: gap")]
    [InlineData("[0,8]", "[4,8]", "tensor 'b': begins at byte 4, but 'a' before it ends at 8: overlap")]
    [InlineData("[0,8]", "[0,4]", "tensor 'a': begins at byte 0, but 'b' before it ends at 4: overlap")]
    [InlineData("[0,8]", "[8,12]", "4 bytes follow the last tensor, 'b'")]
    [InlineData("[0,8]", "[16,20]", "tensor 'b': ends at byte 20 of the data, but the file has 16")]
    public void Gaps_and_overlaps_are_refused(string a, string b, string reason) => RefusesJson(
        $$$"""
        {"a":{"dtype":"F32","shape":[2],"data_offsets":{{{a}}}},
        "b":{"dtype":"F32","shape":[1],"data_offsets":{{{b}}}}}
        """,
        16,
        reason);

    [Fact]
    public void An_empty_tensor_inside_another_is_refused() => RefusesJson(
        """
        {"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},
        "e":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}
        """,
        8,
        "overlap");

    [Theory]
    [InlineData("\"F31\"", "dtype F31 cannot be read; expected one of F16, BF16")]
    [InlineData("\"f32\"", "dtype f32 cannot be read")]
    [InlineData("\"U64\"", "dtype U64 cannot be read")]
    [InlineData("7", "dtype 7 cannot be read")]
    [InlineData("null", "dtype null cannot be read")]
    [InlineData("\"F64\"", "span 8 bytes, but F64 [2] takes 16")]
    [InlineData("\"F16\"", "span 8 bytes, but F16 [2] takes 4")]
    public void A_wrong_dtype_is_refused(string dtype, string reason) =>
        RefusesJson(Good.Replace("\"F32\"", dtype), 8, reason);

    [Theory]
    [InlineData("[3]", "tensor 'x': data_offsets [0, 8] span 8 bytes, but F32 [3] takes 12")]
    [InlineData("[]", "span 8 bytes, but F32 [] takes 4")]
    [InlineData("[0]", "span 8 bytes, but F32 [0] takes 0")]
    [InlineData("[-2]", "tensor 'x': shape holds -2; expected whole numbers")]
    [InlineData("[-0]", "shape holds -0")]
    [InlineData("[2.0]", "shape holds 2.0")]
    [InlineData("[2e0]", "shape holds 2e0")]
    [InlineData("[\"2\"]", "shape holds \"2\"")]
    [InlineData("[[2]]", "shape holds [2]")]
    [InlineData("2", "shape is Number; expected an array")]
    [InlineData("[9223372036854775808]", "shape holds 9223372036854775808")]
    [InlineData("[9223372036854775807]", "tensor 'x': shape [9223372036854775807] takes more than 2^63 bytes")]
    [InlineData("[4294967296,4294967296,2]", "takes more than 2^63 bytes")]
    [InlineData("[4611686018427387905,2]", "takes more than 2^63 bytes")] // wraps round to the right size
    [InlineData("[0,4611686018427387904,4]", "takes more than 2^63 bytes")]
    public void A_wrong_shape_is_refused(string shape, string reason) =>
        RefusesJson(Good.Replace("[2]", shape), 8, reason);

    [Theory]
    [InlineData("[0]")]
    [InlineData("[0,8,8]")]
    [InlineData("[8,0]")]
    [InlineData("[0,-8]")]
    [InlineData("{}")]
    public void Wrong_offsets_are_refused(string offsets) =>
        RefusesJson(Good.Replace("[0,8]", offsets), 8, "data_offsets");

    [Theory]
    [InlineData("""{"x":GOOD,"x":GOOD}""", "'x': stands twice")]
    [InlineData("""{"x":GOOD,"\u0078":GOOD}""", "'x': stands twice")]
    [InlineData("""{"x":{"dtype":"U8","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "field 'dtype' is unknown")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"code":"rm"}}""", "field 'code' is unknown")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2]}}""", "'x': has no data_offsets")]
    [InlineData("""{"x":[0,8]}""", "'x': is Array; expected an object")]
    [InlineData("""{"__metadata__":{"a":1},"x":GOOD}""", "metadata 'a': is Number")]
    [InlineData("""{"__metadata__":{"a":{"b":"c"}}}""", "metadata 'a': is Object; expected a string")]
    [InlineData("""{"__metadata__":["a"]}""", "'__metadata__' is Array")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", "metadata 'a': stands twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", "'__metadata__' stands twice")]
    [InlineData("""{"x\ud800":GOOD}""", "not JSON as the format allows")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8],}}""", "not JSON as the format allows")]
    [InlineData("""{"x":GOOD}{}""", "not JSON as the format allows")]
    [InlineData("""{"x":[[[[[[[[0]]]]]]]]}""", "not JSON as the format allows")]
    [InlineData("{pickle}", "not JSON as the format allows")]
    [InlineData("", "does not begin with '{'")]
    [InlineData(" {}", "does not begin with '{'")]
    [InlineData("[]", "does not begin with '{'")]
    [InlineData("\ufeff{}", "does not begin with '{'")]
    [InlineData("{}\n", "does not end with '}'")]
    [InlineData("{", "does not end with '}'")]
    public void A_header_that_is_not_as_specified_is_refused(string json, string reason) =>
        RefusesJson(json.Replace("GOOD", Entry), 8, reason);

    [Fact]
    public void A_header_that_is_not_utf8_is_refused() =>
        Refuses(RawSafeTensors.Bytes([.. "{\""u8, 0xC3, 0x28, .. "\"}"u8], []), "not valid UTF-8");

    [Fact]
    public void An_endless_name_does_not_flood_the_message()
    {
        var name = new string('n', 100_000);

        var error = Assert.Throws<KdException>(() => SafeTensorsHeader.Parse(
            "file", Encoding.UTF8.GetBytes(Good.Replace("x", name).Replace("[2]", "[3]")), 8));

        Assert.Contains("takes 12", error.Message);
        Assert.InRange(error.Message.Length, 200, 500);
    }

    private void RefusesJson(string json, int dataLength, string reason) =>
        Refuses(RawSafeTensors.Bytes(json, new byte[dataLength]), reason);

    private void Refuses(byte[] bytes, string reason)
    {
        File.WriteAllBytes(Target, bytes);

        var error = Assert.Throws<KdException>(() => SafeTensorsFile.Open(Target));

        Assert.StartsWith(Target, error.Message);
        Assert.Contains(reason, error.Message);
        File.Delete(Target); // refused files are not kept open
    }

    private string Target => folder.File("target.safetensors");
}
