using System.Buffers.Binary;
using System.Text;
using KdNotebooks.Runtime;

namespace KdNotebooks.Native;

/// <summary>
/// The few tables of a 64-bit little-endian ELF shared library that say which symbol versions it needs.
/// Written by hand: no .NET library that edits these tables is on the package mirror.
/// </summary>
internal sealed class ElfImage
{
    private const int LoadSegment = 1, DynamicSegment = 2;
    private const ulong StringTable = 5, SymbolVersions = 0x6ffffff0, VersionNeeds = 0x6ffffffe,
        VersionNeedsCount = 0x6fffffff, Relocations = 7, RelocationsSize = 8, PltRelocations = 23, PltRelocationsSize = 2;
    private const ushort WeakFlag = 0x2;

    private readonly byte[] bytes;
    private readonly List<(ulong Address, ulong Offset, ulong Size)> segments = [];
    private readonly Dictionary<ulong, ulong> dynamic = [];

    public ElfImage(byte[] bytes)
    {
        this.bytes = bytes;
        if (bytes.Length < 64 || !bytes.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8))
        {
            throw new KdException("ElfImage: expected a 64-bit little-endian ELF library; the file is something else.");
        }

        ReadSegments();
    }

    /// <summary>
    /// A copy in which the need for one symbol version is weak, so that a loader whose library lacks the version goes
    /// on; or null where that would be unsafe (a relocation refers to a symbol of that version) or it is not needed.
    /// </summary>
    public byte[]? WithWeakVersion(string version)
    {
        foreach (var (offset, index, name) in Needs())
        {
            if (name == version)
            {
                if (IsRelocated(index))
                {
                    return null;
                }

                var mended = (byte[])bytes.Clone();
                BinaryPrimitives.WriteUInt16LittleEndian(mended.AsSpan(offset + 4), (ushort)(U16(offset + 4) | WeakFlag));
                return mended;
            }
        }

        return null;
    }

    /// <summary>Every needed version that is not weak: "GLIBCXX_3.4.32".</summary>
    public IEnumerable<string> StrongVersions() =>
        Needs().Where(need => (U16(need.Offset + 4) & WeakFlag) == 0).Select(need => need.Name).ToList();

    private void ReadSegments()
    {
        var (table, size, count) = ((int)U64(32), U16(54), U16(56));
        for (var i = 0; i < count; i++)
        {
            var at = table + (i * size);
            var (kind, offset, address, length) = (U32(at), U64(at + 8), U64(at + 16), U64(at + 32));
            if (kind == LoadSegment)
            {
                segments.Add((address, offset, length));
            }
            else if (kind == DynamicSegment)
            {
                ReadDynamic((int)offset, (int)length);
            }
        }
    }

    private void ReadDynamic(int offset, int length)
    {
        for (var at = offset; at < offset + length && U64(at) != 0; at += 16)
        {
            dynamic[U64(at)] = U64(at + 8);
        }
    }

    private IEnumerable<(int Offset, ushort Index, string Name)> Needs()
    {
        if (!dynamic.TryGetValue(VersionNeeds, out var address))
        {
            yield break;
        }

        var file = FileOffset(address);
        for (var i = 0UL; i < dynamic[VersionNeedsCount]; i++)
        {
            var entry = file + (int)U32(file + 8);
            for (var k = 0; k < U16(file + 2); k++)
            {
                yield return (entry, U16(entry + 6), Text(U32(entry + 8)));
                entry += (int)U32(entry + 12);
            }

            file += (int)U32(file + 12);
        }
    }

    // A version can be waived only where nothing is bound to a symbol of it when the library loads.
    private bool IsRelocated(ushort versionIndex)
    {
        var versions = FileOffset(dynamic[SymbolVersions]);
        return Symbols(Relocations, RelocationsSize).Concat(Symbols(PltRelocations, PltRelocationsSize))
            .Any(symbol => (U16(versions + (2 * (int)symbol)) & 0x7fff) == versionIndex);
    }

    private IEnumerable<ulong> Symbols(ulong table, ulong size)
    {
        if (!dynamic.TryGetValue(table, out var address))
        {
            yield break;
        }

        var start = FileOffset(address);
        for (var at = start; at < start + (int)dynamic[size]; at += 24)
        {
            if (U64(at + 8) >> 32 is var symbol and not 0)
            {
                yield return symbol;
            }
        }
    }

    private int FileOffset(ulong address)
    {
        foreach (var (start, offset, size) in segments)
        {
            if (address >= start && address < start + size)
            {
                return (int)(address - start + offset);
            }
        }

        throw new KdException($"ElfImage: address 0x{address:x} lies in no segment; the library file is damaged.");
    }

    private string Text(uint index)
    {
        var start = FileOffset(dynamic[StringTable]) + (int)index;
        return Encoding.ASCII.GetString(bytes.AsSpan(start, bytes.AsSpan(start).IndexOf((byte)0)));
    }

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private ulong U64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
}
