using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Jupyter.Wire;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Kernel.Jupyter.Wire;

public sealed class ConnectionFileTests
{
    private static JsonObject Sound => new()
    {
        ["transport"] = "tcp",
        ["ip"] = "127.0.0.1",
        ["shell_port"] = 5001,
        ["iopub_port"] = 5002,
        ["stdin_port"] = 5003,
        ["control_port"] = 5004,
        ["hb_port"] = 5005,
        ["key"] = "secret",
        ["signature_scheme"] = "hmac-sha256",
        ["kernel_name"] = "kd-fsharp",
    };

    private static string Refused(string json) =>
        Assert.Throws<KdException>(() => ConnectionFile.Parse(json, "c.json")).Message;

    [Fact]
    public void What_Jupyter_writes_is_read()
    {
        var file = ConnectionFile.Parse(Sound.ToJsonString(), "c.json");
        Assert.Equal(new ConnectionFile("127.0.0.1", 5001, 5002, 5003, 5004, 5005, "secret"), file);
        Assert.Equal("tcp://127.0.0.1:5001", file.Address(file.Shell));
    }

    [Theory]
    [InlineData("transport", "\"ipc\"", "expected \"transport\" to be \"tcp\"; got ipc")]
    [InlineData("ip", "\"*\"", "expected \"ip\" to be an IPv4 address such as \"127.0.0.1\"; got *")]
    [InlineData("shell_port", "0", "expected \"shell_port\" to be a port from 1 to 65535; got 0")]
    [InlineData("hb_port", "\"x\"", "expected \"hb_port\" to be a port from 1 to 65535; got \"x\"")]
    [InlineData("key", "null", "expected \"key\" to be text; got nothing")]
    [InlineData("signature_scheme", "\"hmac-md5\"", "\"signature_scheme\" to be \"hmac-sha256\"; got hmac-md5")]
    public void A_wrong_field_is_named_with_what_was_expected(string field, string value, string expected)
    {
        var json = Sound;
        json[field] = JsonNode.Parse(value);
        Assert.Contains(expected, Refused(json.ToJsonString()));
    }

    [Fact]
    public void Without_a_key_no_scheme_is_asked_for()
    {
        var json = Sound;
        json["key"] = "";
        json.Remove("signature_scheme");
        Assert.Empty(ConnectionFile.Parse(json.ToJsonString(), "c.json").Key);
    }

    [Fact]
    public void Text_that_is_not_JSON_and_a_file_that_is_not_there_are_named()
    {
        Assert.Contains("c.json is not JSON", Refused("{"));
        Assert.Contains("should hold a JSON object", Refused("3"));
        Assert.Contains("no-such-file.json cannot be read", Assert.Throws<KdException>(
            () => ConnectionFile.Load("no-such-file.json")).Message);
    }
}
