using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace KdNotebooks.Kernel.Jupyter.Wire;

/// <summary>What the kernel says, put into messages.</summary>
internal sealed class Outlet(MessageSigner signer, Action<Channel, IReadOnlyList<byte[]>> send)
{
    public const string ProtocolVersion = "5.3";

    private readonly string session = Guid.NewGuid().ToString();

    /// <summary>Answers the one client that asked, on the channel on which it asked.</summary>
    public void Reply(Channel channel, JupyterMessage request, string type, JsonObject content) =>
        Send(channel, request.Identities, type, request, content);

    /// <summary>Tells every client.</summary>
    /// <param name="request">What it belongs to; null where it belongs to no request.</param>
    public void Publish(string type, JupyterMessage? request, JsonObject content) =>
        Send(Channel.IoPub, [Encoding.ASCII.GetBytes($"kernel.{session}.{type}")], type, request, content);

    private void Send(
        Channel channel, IEnumerable<byte[]> identities, string type, JupyterMessage? request, JsonObject content)
    {
        var header = new JsonObject
        {
            ["msg_id"] = Guid.NewGuid().ToString(),
            ["msg_type"] = type,
            ["session"] = session,
            ["username"] = "kernel",
            ["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            ["version"] = ProtocolVersion,
        };
        send(channel, JupyterMessage.Write(identities, header, request?.Header, [], content, signer));
    }
}
