using KdNotebooks.Runtime;
using NetMQ;
using NetMQ.Sockets;

namespace KdNotebooks.Kernel.Jupyter.Wire;

/// <summary>The five sockets of a kernel. Frames come in on one thread, and may be sent from any.</summary>
internal sealed class JupyterSockets : IDisposable
{
    private readonly Dictionary<Channel, NetMQSocket> sockets = [];
    private readonly ResponseSocket heartbeat = new();
    private readonly NetMQQueue<(Channel Channel, IReadOnlyList<byte[]> Frames)?> outgoing = new();
    private readonly NetMQPoller poller = [];
    private readonly Action<Channel, IReadOnlyList<byte[]>> received;

    /// <param name="received">Called on the sockets' own thread: it must not wait for anything.</param>
    /// <exception cref="KdException">An address cannot be bound.</exception>
    public JupyterSockets(ConnectionFile connection, Action<Channel, IReadOnlyList<byte[]>> received)
    {
        this.received = received;
        try
        {
            Open(Channel.Shell, new RouterSocket(), connection.Address(connection.Shell));
            Open(Channel.Control, new RouterSocket(), connection.Address(connection.Control));
            Open(Channel.Stdin, new RouterSocket(), connection.Address(connection.Stdin));
            Open(Channel.IoPub, new PublisherSocket(), connection.Address(connection.IoPub));
            Bind(heartbeat, connection.Address(connection.Heartbeat));
            heartbeat.ReceiveReady += (_, _) => heartbeat.SendMultipartMessage(heartbeat.ReceiveMultipartMessage());
            poller.Add(heartbeat);
            outgoing.ReceiveReady += (_, _) => SendWaiting();
            poller.Add(outgoing);
        }
        catch (KdException)
        {
            Dispose();
            throw;
        }
    }

    public void Start() => poller.RunAsync("Jupyter sockets", isBackgroundThread: true);

    /// <summary>Puts a message on its way; messages of one channel arrive in this order.</summary>
    public void Send(Channel channel, IReadOnlyList<byte[]> frames) => outgoing.Enqueue((channel, frames));

    /// <summary>Ends when all that was sent until now is on its way; nothing is received any more.</summary>
    public void Stop()
    {
        // The end marker stands behind all messages in the one queue.
        outgoing.Enqueue(null);
        SpinWait.SpinUntil(() => !poller.IsRunning, TimeSpan.FromSeconds(5));
    }

    public void Dispose()
    {
        poller.Dispose();
        foreach (var socket in sockets.Values)
        {
            socket.Dispose();
        }

        heartbeat.Dispose();
        outgoing.Dispose();
    }

    private void Open(Channel channel, NetMQSocket socket, string address)
    {
        sockets[channel] = socket;
        Bind(socket, address);
        if (channel != Channel.IoPub)
        {
            socket.ReceiveReady += (_, _) => received(channel, Frames(socket.ReceiveMultipartMessage()));
            poller.Add(socket);
        }
    }

    // Without a high-water mark: by default ZeroMQ drops what a slow client has not fetched, from 1,000 messages on.
    private static void Bind(NetMQSocket socket, string address)
    {
        socket.Options.SendHighWatermark = 0;
        socket.Options.ReceiveHighWatermark = 0;
        socket.Options.Linger = TimeSpan.FromSeconds(1);
        try
        {
            socket.Bind(address);
        }
        catch (NetMQException error)
        {
            throw new KdException(
                $"The kernel cannot listen at {address}: {error.Message} Is another kernel using this connection file?",
                error);
        }
    }

    private void SendWaiting()
    {
        while (outgoing.TryDequeue(out var next, TimeSpan.Zero))
        {
            if (next is not { } message)
            {
                poller.StopAsync();
                return;
            }

            sockets[message.Channel].SendMultipartBytes(message.Frames);
        }
    }

    private static IReadOnlyList<byte[]> Frames(NetMQMessage message) =>
        [.. message.Select(frame => frame.ToByteArray())];
}
