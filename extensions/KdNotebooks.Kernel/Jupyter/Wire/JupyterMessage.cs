using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Jupyter.Wire;

/// <summary>A message of the Jupyter protocol as it came from a client.</summary>
/// <param name="Identities">The routing frames; a reply begins with them.</param>
/// <param name="Header">As it came, byte for byte: what answers the message carries it as its parent.</param>
/// <param name="Session">The client's: a page that is loaded again has another one.</param>
internal sealed record JupyterMessage(
    IReadOnlyList<byte[]> Identities, byte[] Header, string Id, string Type, string Session, JsonObject Content)
{
    private static readonly byte[] Delimiter = "<IDS|MSG>"u8.ToArray();

    /// <summary>Reads [identities..., delimiter, signature, header, parent, metadata, content, buffers...].</summary>
    /// <exception cref="KdException">It is no such message, or the signer refuses it; says why.</exception>
    public static JupyterMessage Read(IReadOnlyList<byte[]> frames, MessageSigner signer)
    {
        var start = frames.TakeWhile(frame => !frame.AsSpan().SequenceEqual(Delimiter)).Count();
        if (frames.Count < start + 6)
        {
            throw new KdException($"expected \"<IDS|MSG>\" and five frames after it; got {frames.Count} frames in all");
        }

        var (header, parent, metadata, content) =
            (frames[start + 2], frames[start + 3], frames[start + 4], frames[start + 5]);
        if (signer.Check(frames[start + 1], header, parent, metadata, content) is { } wrong)
        {
            throw new KdException(wrong);
        }

        var fields = Object(header, "header");
        return new JupyterMessage(
            [.. frames.Take(start)], header, Text(fields, "msg_id"), Text(fields, "msg_type"), Text(fields, "session"),
            Object(content, "content"));
    }

    /// <summary>The frames of a message that the kernel sends.</summary>
    /// <param name="parent">The header of what it answers; null where it answers nothing.</param>
    public static IReadOnlyList<byte[]> Write(
        IEnumerable<byte[]> identities, JsonObject header, byte[]? parent, JsonObject metadata, JsonObject content,
        MessageSigner signer)
    {
        byte[][] parts = [Bytes(header), parent ?? "{}"u8.ToArray(), Bytes(metadata), Bytes(content)];
        return [.. identities, Delimiter, signer.Sign(parts), .. parts];
    }

    /// <summary>A yes or no of the content, where the client said one.</summary>
    public bool Flag(string name, bool otherwise) =>
        Content[name] is JsonValue value && value.TryGetValue(out bool flag) ? flag : otherwise;

    /// <summary>A text of the content; empty where there is none.</summary>
    public string Text(string name) => Text(Content, name);

    /// <summary>A whole number of the content, where the client said one.</summary>
    public int? Number(string name) =>
        Content[name] is JsonValue value && value.TryGetValue(out int number) ? number : null;

    private static string Text(JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString(JsonText.Compact));

    private static JsonObject Object(byte[] json, string part)
    {
        try
        {
            return JsonNode.Parse(json) as JsonObject ?? throw new KdException($"its {part} is no JSON object");
        }
        catch (JsonException error)
        {
            throw new KdException($"its {part} is not JSON ({error.Message})", error);
        }
    }
}
