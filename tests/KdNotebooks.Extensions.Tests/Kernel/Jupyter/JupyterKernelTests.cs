using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Jupyter;
using KdNotebooks.Kernel.Jupyter.Wire;
using KdNotebooks.Runtime;
using NetMQ;
using NetMQ.Sockets;

namespace KdNotebooks.Extensions.Tests.Kernel.Jupyter;

/// <summary>A kernel over real sockets; what a real client makes of it is checked in tests/jupyter.</summary>
[Collection(EngineCollection.Name)]
public sealed class JupyterKernelTests : IDisposable
{
    private readonly ConnectionFile connection = Connection();
    private readonly StringWriter log = new();
    private readonly JupyterKernel kernel;
    private readonly Thread thread;
    private readonly DealerSocket shell = new();
    private readonly MessageSigner signer = new("secret");

    public JupyterKernelTests(EngineFixture fixture)
    {
        kernel = new JupyterKernel(connection, fixture.Engine, TextWriter.Synchronized(log));
        thread = new Thread(kernel.Run);
        thread.Start();
        shell.Connect(connection.Address(connection.Shell));
    }

    public void Dispose()
    {
        kernel.Stop();
        thread.Join();
        kernel.Dispose();
        shell.Dispose();
    }

    private static ConnectionFile Connection()
    {
        var listeners = Enumerable.Range(0, 5).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.ConvertAll(listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        listeners.ForEach(listener => listener.Stop());
        return new ConnectionFile("127.0.0.1", ports[0], ports[1], ports[2], ports[3], ports[4], "secret");
    }

    private static IReadOnlyList<byte[]> Message(string type, JsonObject content, MessageSigner signer) =>
        JupyterMessage.Write(
            [], new JsonObject { ["msg_id"] = Guid.NewGuid().ToString(), ["msg_type"] = type, ["session"] = "test" },
            null, [], content, signer);

    private JsonObject Ask(string type, JsonObject content)
    {
        shell.SendMultipartBytes(Message(type, content, signer));
        return Reply() ?? throw new TimeoutException($"no reply to {type}; the kernel says: {log}");
    }

    private JsonObject? Reply(int seconds = 30)
    {
        var reply = new NetMQMessage();
        return shell.TryReceiveMultipartMessage(TimeSpan.FromSeconds(seconds), ref reply)
            ? JupyterMessage.Read([.. reply.Select(frame => frame.ToByteArray())], new MessageSigner("secret")).Content
            : null;
    }

    [Fact]
    public void A_cell_is_run_and_a_failing_one_says_why()
    {
        var reply = Ask("execute_request", new JsonObject { ["code"] = "let ofKernel = 3" });
        Assert.Equal(("ok", 1), ((string?)reply["status"], (int?)reply["execution_count"]));
        reply = Ask("execute_request", new JsonObject { ["code"] = "ofKernel +" });
        Assert.Equal(("error", 2), ((string?)reply["status"], (int?)reply["execution_count"]));
        Assert.Contains("cell [2], line 1", reply["traceback"]!.ToJsonString());
    }

    [Fact]
    public void Wrong_and_replayed_messages_are_dropped_and_counted()
    {
        shell.SendMultipartBytes(Message("kernel_info_request", [], new MessageSigner("guessed")));
        shell.SendMultipartBytes([1], [2]);
        var right = Message("kernel_info_request", [], signer);
        shell.SendMultipartBytes(right);
        Assert.Equal("5.3", (string?)Reply()!["protocol_version"]);
        shell.SendMultipartBytes(right);
        Assert.Null(Reply(seconds: 1));
        Assert.Equal(3, kernel.Rejected);
        Assert.Contains("its signature is wrong", log.ToString());
        Assert.Contains("replayed", log.ToString());
    }

    // All of 127.0.0.0/8 is this machine: a kernel that listened at every address would answer at the second one too.
    [Fact]
    public void It_listens_at_the_address_it_was_given_and_at_no_other()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere 127.0.0.2 is no address");
        using var near = new TcpClient("127.0.0.1", connection.Shell);
        Assert.True(near.Connected);
        var file = connection;
        foreach (var port in new[] { file.Shell, file.IoPub, file.Stdin, file.Control, file.Heartbeat })
        {
            Assert.Throws<SocketException>(() => new TcpClient("127.0.0.2", port));
        }
    }

    [Fact]
    public void The_heartbeat_comes_back_as_it_went()
    {
        using var socket = new RequestSocket(">" + connection.Address(connection.Heartbeat));
        socket.SendFrame("ping");
        Assert.True(socket.TryReceiveFrameString(TimeSpan.FromSeconds(10), out var echo));
        Assert.Equal("ping", echo);
    }

    [Fact]
    public void A_connection_in_use_is_said_at_once()
    {
        using var engine = new KdNotebooks.Kernel.Engine.FSharpEngine();
        var refused = Assert.Throws<KdException>(() => new JupyterKernel(connection, engine, log)).Message;
        Assert.Contains($"cannot listen at tcp://127.0.0.1:{connection.Shell}", refused);
    }
}
