using System.Text;
using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Jupyter.Wire;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Kernel.Jupyter.Wire;

public sealed class JupyterMessageTests
{
    private static readonly MessageSigner Open = new("");

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static IReadOnlyList<byte[]> Frames(string header, string content) =>
    [
        Bytes("client"), Bytes("hop"), Bytes("<IDS|MSG>"), [], Bytes(header), Bytes("{}"), Bytes("{}"), Bytes(content),
        [1, 2],
    ];

    private static string Refused(IReadOnlyList<byte[]> frames, MessageSigner? signer = null) =>
        Assert.Throws<KdException>(() => JupyterMessage.Read(frames, signer ?? Open)).Message;

    [Fact]
    public void Identities_header_and_content_are_found_around_the_delimiter()
    {
        var header = """{"msg_id": "m1", "msg_type": "execute_request", "session": "s1", "date": "d"}""";
        var message = JupyterMessage.Read(Frames(header, """{"code": "1", "silent": true, "n": 3}"""), Open);
        Assert.Equal(["client", "hop"], message.Identities.Select(Encoding.UTF8.GetString));
        Assert.Equal(("m1", "execute_request", "s1"), (message.Id, message.Type, message.Session));
        Assert.Equal(("1", 3), (message.Text("code"), message.Number("n")));
        Assert.True(message.Flag("silent", otherwise: false));
        Assert.True(message.Flag("not there", otherwise: true));
        Assert.Null(message.Number("code"));
    }

    [Fact]
    public void An_answer_carries_the_identities_and_the_very_header_it_answers()
    {
        var header = """{"msg_id":  "m1",   "msg_type": "x_request", "session": "s"}""";
        var request = JupyterMessage.Read(Frames(header, "{}"), Open);
        var signer = new MessageSigner("key");
        var frames = JupyterMessage.Write(
            request.Identities, new JsonObject { ["msg_type"] = "x_reply" }, request.Header, [],
            new JsonObject { ["text"] = "é<" }, signer);
        Assert.Equal(["client", "hop", "<IDS|MSG>"], frames.Take(3).Select(Encoding.UTF8.GetString));
        Assert.Equal(header, Encoding.UTF8.GetString(frames[5]));
        Assert.Equal("""{"text":"é<"}""", Encoding.UTF8.GetString(frames[7]));
        Assert.Equal("x_reply", JupyterMessage.Read(frames, new MessageSigner("key")).Type);
    }

    [Fact]
    public void What_is_no_message_is_refused_with_a_reason()
    {
        Assert.Contains("got 2 frames", Refused([Bytes("a"), Bytes("b")]));
        Assert.Contains("got 3 frames", Refused([Bytes("a"), Bytes("<IDS|MSG>"), Bytes("b")]));
        Assert.Contains("header is not JSON", Refused(Frames("{", "{}")));
        Assert.Contains("content is no JSON object", Refused(Frames("{}", "[]")));
        Assert.Contains("signature is wrong", Refused(Frames("{}", "{}"), new MessageSigner("key")));
    }
}
