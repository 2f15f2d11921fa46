using System.Buffers.Binary;

namespace KdNotebooks.Data.Formats;

/// <summary>
/// Goes through the compressed pixels of a sequential JPEG code by code (ISO/IEC 10918-1, annex F), without making an image:
/// whether there are as many as the size says. Decoders go on with something gray where a code is none, and say nothing.
/// Most damage shows so, not all: codes fall into step again. Progressive files are not looked at.
/// </summary>
/// <remarks>A third of the time of decoding: for files of which it is not known yet.</remarks>
internal ref struct JpegCodes
{
    private const int Values = 1 << 16;

    private readonly ReadOnlySpan<byte> bytes;
    private readonly string path;

    // By the next 16 bits: the code's length, and what it says; length 0 is no code. Four of DC, then four of AC.
    private readonly (byte Length, byte Value)[]?[] tables = new (byte, byte)[]?[8];
    private readonly List<(byte Id, int Across, int Down)> channels = [];
    private int height, width, interval;

    private int at;
    private ulong ahead; // the next bits, the first the highest
    private int bits; // how many of them there are

    private JpegCodes(ReadOnlySpan<byte> bytes, string path)
    {
        this.bytes = bytes;
        this.path = path;
    }

    /// <param name="bytes">A file whose parts <see cref="JpegParts"/> has found sound.</param>
    /// <param name="whole">Whether bytes behind the last code are a defect, too.</param>
    /// <exception cref="DataFileException">A code is none, or there are too few or too many.</exception>
    public static void Require(ReadOnlySpan<byte> bytes, string path, bool whole) => new JpegCodes(bytes, path).Walk(whole);

    private void Walk(bool whole)
    {
        at = 2;
        while (true)
        {
            while (bytes[at] == 0xFF)
            {
                at++;
            }

            var marker = bytes[at++];
            if (marker is 0xD9 or 0xC2)
            {
                return;
            }

            var part = bytes.Slice(at + 2, BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]) - 2);
            at += part.Length + 2;
            switch (marker)
            {
                case 0xC0 or 0xC1: Frame(part); break;
                case 0xC4: Tables(part); break;
                case 0xDD: interval = BinaryPrimitives.ReadUInt16BigEndian(part); break;
                case 0xDA: Scan(part, whole); break;
                default: break;
            }
        }
    }

    private void Frame(ReadOnlySpan<byte> part)
    {
        (height, width) = (BinaryPrimitives.ReadUInt16BigEndian(part[1..]), BinaryPrimitives.ReadUInt16BigEndian(part[3..]));
        for (var i = 6; i < part.Length; i += 3)
        {
            channels.Add((part[i], part[i + 1] >> 4, part[i + 1] & 15));
        }
    }

    private readonly void Tables(ReadOnlySpan<byte> part)
    {
        while (part.Length > 0)
        {
            var (kind, number) = (part[0] >> 4, part[0] & 15);
            var count = 0;
            for (var i = 1; i <= 16 && part.Length > 16; i++)
            {
                count += part[i];
            }

            if (part.Length < 17 + count || kind > 1 || number > 3)
            {
                throw Broken("it has a table of codes that is none");
            }

            tables[(4 * kind) + number] = Table(part.Slice(1, 16), part.Slice(17, count));
            part = part[(17 + count)..];
        }
    }

    private readonly (byte, byte)[] Table(ReadOnlySpan<byte> lengths, ReadOnlySpan<byte> values)
    {
        var (table, code, next) = (new (byte, byte)[Values], 0, 0);
        for (var length = 1; length <= 16; length++)
        {
            for (var i = 0; i < lengths[length - 1]; i++)
            {
                var room = Values >> length;
                if (code + room > Values)
                {
                    throw Broken("it has a table of more codes than there can be");
                }

                table.AsSpan(code, room).Fill(((byte)length, values[next++]));
                code += room;
            }
        }

        return table;
    }

    private void Scan(ReadOnlySpan<byte> part, bool whole)
    {
        var count = part.Length > 0 ? part[0] : 0;
        if (count == 0 || part.Length < 1 + (2 * count))
        {
            throw Broken("what says its pixels' channels is too short");
        }

        var (most, blocks) = ((Down: channels.Max(one => one.Down), Across: channels.Max(one => one.Across)), new List<(int, int)>());
        var units = Units(8 * most.Across, width) * Units(8 * most.Down, height);
        for (var i = 0; i < count; i++)
        {
            var (id, table) = (part[1 + (2 * i)], part[2 + (2 * i)]);
            var (_, across, down) = channels.Find(channel => channel.Id == id);
            if (across == 0 || (table >> 4) > 3 || (table & 15) > 3)
            {
                throw Broken("its pixels are of a channel that it does not have");
            }

            // A channel by itself has no more blocks than its own pixels fill.
            units = count > 1 ? units : Units(8 * most.Across, width * across) * Units(8 * most.Down, height * down);
            blocks.AddRange(Enumerable.Repeat((table >> 4, 4 + (table & 15)), count > 1 ? across * down : 1));
        }

        (ahead, bits) = (0, 0);
        for (var unit = 0L; unit < units; unit++)
        {
            if (interval > 0 && unit > 0 && unit % interval == 0)
            {
                Restart();
            }

            foreach (var (dc, ac) in blocks)
            {
                Block(tables[dc], tables[ac]);
            }
        }

        Finish(whole);
    }

    private static long Units(int side, int pixels) => (pixels + side - 1) / side;

    private void Block((byte Length, byte Value)[]? dc, (byte Length, byte Value)[]? ac)
    {
        var difference = Code(dc);
        Skip(difference <= 16 ? difference : throw Broken("its pixels hold a code that is none"));
        for (var place = 1; place < 64; place++)
        {
            var code = Code(ac);
            var (zeros, size) = (code >> 4, code & 15);
            if (size == 0 && zeros != 15)
            {
                return; // the rest is 0
            }

            place += zeros;
            if (place > 63)
            {
                throw Broken("a block of its pixels has more numbers than there are places");
            }

            Skip(size);
        }
    }

    private byte Code((byte Length, byte Value)[]? table)
    {
        Fill(16);
        var (length, value) = table is null ? default : table[ahead >> 48];
        if (length == 0)
        {
            throw Broken("its pixels hold a code that is none");
        }

        Skip(length);
        return value;
    }

    private void Skip(int count)
    {
        Fill(count);
        if (bits < count)
        {
            throw Broken("its compressed pixels end too early");
        }

        ahead <<= count;
        bits -= count;
    }

    // Up to a marker, before which zeros stand in for what is not there: a code may be shorter than 16 bits.
    private void Fill(int count)
    {
        while (bits < count)
        {
            var value = bytes[at];
            if (value == 0xFF && bytes[at + 1] != 0)
            {
                return;
            }

            at += value == 0xFF ? 2 : 1;
            ahead |= (ulong)value << (56 - bits);
            bits += 8;
        }
    }

    private void Restart()
    {
        if (bits >= 8 || bytes[at] != 0xFF)
        {
            throw Broken("within its pixels something is missing or too much");
        }

        while (bytes[at] == 0xFF)
        {
            at++;
        }

        // That it is the right one is known of the file's parts.
        if (bytes[at++] is < 0xD0 or > 0xD7)
        {
            throw Broken("its compressed pixels end too early");
        }

        (ahead, bits) = (0, 0);
    }

    private void Finish(bool whole)
    {
        // The last byte is filled with ones; some fill it with zeros.
        var (rest, fill) = (bits % 8, (int)(ahead >> 56) >> (8 - (bits % 8)));
        if (whole && rest > 0 && fill != 0 && fill != (1 << rest) - 1)
        {
            throw Broken("its compressed pixels do not end where they should");
        }

        var left = 0;
        for (ahead <<= rest; bits >= 8; bits -= 8, ahead <<= 8)
        {
            left += (byte)(ahead >> 56) is 0 or 0xFF ? 0 : 1;
        }

        for (; !(bytes[at] == 0xFF && bytes[at + 1] is not (0 or 0xFF)); at++)
        {
            left += bytes[at] is 0 or 0xFF ? 0 : 1; // padding is met with
        }

        if (whole && left > 0)
        {
            throw Broken($"its compressed pixels are {left} bytes or more too long");
        }
    }

    private readonly DataFileException Broken(string what) => JpegReader.Broken(path, $"is damaged: {what}");
}
