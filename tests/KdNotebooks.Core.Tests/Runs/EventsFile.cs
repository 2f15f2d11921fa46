using System.Buffers.Binary;
using Tensorboard;

namespace KdNotebooks.Tests.Runs;

/// <summary>Reads TensorBoard's events: records of a length, its checksum, a message, its checksum.</summary>
internal static class EventsFile
{
    public static Dictionary<(string Tag, long Step), double> Read(string path)
    {
        var points = new Dictionary<(string, long), double>();
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        while (bytes.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            var message = Event.Parser.ParseFrom(bytes.Slice(12, length).ToArray());
            foreach (var value in message.Summary?.Value ?? [])
            {
                points.Add((value.Tag, message.Step), value.SimpleValue);
            }

            bytes = bytes[(length + 16)..];
        }

        return points;
    }
}
