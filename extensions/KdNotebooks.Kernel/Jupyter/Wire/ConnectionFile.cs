using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Jupyter.Wire;

/// <summary>Where a client wants the kernel to listen, and the key that both sign with.</summary>
/// <param name="Ip">The one IPv4 address to bind to; the kernel listens nowhere else.</param>
/// <param name="Shell">Ports, 1 to 65535.</param>
/// <param name="Key">Empty where the client wants no signatures.</param>
public sealed record ConnectionFile(
    string Ip, int Shell, int IoPub, int Stdin, int Control, int Heartbeat, string Key)
{
    private const string Scheme = "hmac-sha256";

    /// <exception cref="KdException">The file is not there, or is not what Jupyter writes for a kernel.</exception>
    public static ConnectionFile Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KdException(
                $"The connection file {path} cannot be read: {error.Message} Jupyter writes it and passes its path; "
                + "to use the kernel, run 'kd jupyter install' and choose 'F# (KdNotebooks)' in Jupyter.", error);
        }
    }

    /// <param name="path">What errors call the file.</param>
    public static ConnectionFile Parse(string json, string path)
    {
        var file = new Fields(Object(json, path), path);
        if (file.Text("transport") is var transport and not "tcp")
        {
            throw file.Wrong("transport", "\"tcp\"", transport);
        }

        var ip = file.Text("ip") is "localhost" ? "127.0.0.1" : file.Text("ip");
        if (!IPAddress.TryParse(ip, out var address) || address.AddressFamily != AddressFamily.InterNetwork)
        {
            throw file.Wrong("ip", "an IPv4 address such as \"127.0.0.1\"", ip);
        }

        var key = file.Text("key");
        if (key.Length > 0 && file.Text("signature_scheme") is var scheme and not Scheme)
        {
            throw file.Wrong("signature_scheme", $"\"{Scheme}\"", scheme);
        }

        return new ConnectionFile(
            ip, file.Port("shell_port"), file.Port("iopub_port"), file.Port("stdin_port"), file.Port("control_port"),
            file.Port("hb_port"), key);
    }

    /// <summary>"tcp://127.0.0.1:5555"</summary>
    public string Address(int port) => $"tcp://{Ip}:{port}";

    private static JsonObject Object(string json, string path)
    {
        try
        {
            return JsonNode.Parse(json) as JsonObject
                ?? throw new KdException(
                    $"The connection file {path} should hold a JSON object; it holds something else.");
        }
        catch (JsonException error)
        {
            throw new KdException($"The connection file {path} is not JSON: {error.Message}", error);
        }
    }

    private sealed record Fields(JsonObject Json, string Path)
    {
        public string Text(string name) => Json[name] is JsonValue value && value.TryGetValue(out string? text)
            ? text
            : throw Wrong(name, "text", Json[name]?.ToJsonString());

        public int Port(string name) => Json[name] is JsonValue value && value.TryGetValue(out int port)
            && port is > 0 and <= 65535
            ? port
            : throw Wrong(name, "a port from 1 to 65535", Json[name]?.ToJsonString());

        public KdException Wrong(string name, string expected, string? got) =>
            new($"The connection file {Path}: expected \"{name}\" to be {expected}; got {got ?? "nothing"}.");
    }
}
