using System.Text;
using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Jupyter.Wire;

namespace KdNotebooks.Extensions.Tests.Kernel.Jupyter;

/// <summary>An outlet whose messages a test can look at.</summary>
internal sealed class Sent
{
    private readonly List<(Channel Channel, JupyterMessage Message, string Parent)> messages = [];

    public Sent() => Outlet = new Outlet(new MessageSigner(""), Keep);

    public Outlet Outlet { get; }

    /// <summary>The types of all messages in order.</summary>
    public IEnumerable<string> Types => messages.Select(message => message.Message.Type);

    public JsonObject Content(int index) => messages[index].Message.Content;

    /// <summary>"busy m1" for each status.</summary>
    public IEnumerable<string> States =>
        messages.Select(message => $"{message.Message.Text("execution_state")} {message.Parent}".Trim());

    public static JupyterMessage Request(string id, string type = "execute_request", string session = "page") => new(
        [], Encoding.UTF8.GetBytes($$"""{"msg_id": "{{id}}"}"""), id, type, session, []);

    private void Keep(Channel channel, IReadOnlyList<byte[]> frames)
    {
        var parent = (string?)JsonNode.Parse(frames[^3])!["msg_id"] ?? "";
        messages.Add((channel, JupyterMessage.Read(frames, new MessageSigner("")), parent));
    }
}
