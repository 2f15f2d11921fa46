using System.Runtime.InteropServices;

namespace KdNotebooks.Native;

/// <summary>The table of names of an ELF library in memory, as the dynamic linker (glibc, x86-64) reads it.</summary>
/// <remarks>Written by hand: nothing in .NET answers another address for one name of a library.</remarks>
internal static unsafe partial class LoadedLibrary
{
    private const long SymbolTable = 6, StringTable = 5, HashTable = 0x6ffffef5;
    private const int LinkMapRequest = 2, Read = 1, Write = 2, PageSize = 4096;

    /// <summary>
    /// Makes the linker answer <paramref name="target"/> to everyone who asks for the name from now on; who has asked
    /// already keeps the old address.
    /// </summary>
    /// <returns>False, and nothing has changed, where this system does not let it.</returns>
    public static bool TryRebind(nint library, string name, nint target)
    {
        if (!NativeLibrary.TryGetExport(library, name, out var original)
            || LinkerInfo(library, LinkMapRequest, out var map) != 0)
        {
            return false;
        }

        var symbol = Find(map, name);
        if (symbol is null || map->Base + symbol->Value != original)
        {
            return false;
        }

        var page = (nint)symbol & -PageSize;
        // An entry has 24 bytes: it may lie on two pages.
        var length = (nuint)((nint)(symbol + 1) - page);
        if (Protect(page, length, Read | Write) != 0)
        {
            return false;
        }

        symbol->Value = target - map->Base;
        _ = Protect(page, length, Read);
        return NativeLibrary.GetExport(library, name) == target;
    }

    // The linker's own way to a name: https://flapenguin.me/elf-dt-gnu-hash
    private static Symbol* Find(LinkMap* map, string name)
    {
        var symbols = (Symbol*)Entry(map, SymbolTable);
        var strings = (byte*)Entry(map, StringTable);
        var table = (uint*)Entry(map, HashTable);
        if (symbols is null || strings is null || table is null)
        {
            return null;
        }

        var (buckets, first, bloomWords) = (table[0], table[1], table[2]);
        var bucket = table + 4 + (2 * bloomWords); // a word of the bloom filter has 64 bits
        var chain = bucket + buckets;
        var hash = name.Aggregate(5381u, (sum, letter) => (sum * 33) + letter);
        for (var index = bucket[hash % buckets]; index >= first; index++)
        {
            var link = chain[index - first];
            if ((link | 1) == (hash | 1) && Marshal.PtrToStringUTF8((nint)(strings + symbols[index].Name)) == name)
            {
                return symbols + index;
            }

            if ((link & 1) != 0)
            {
                return null;
            }
        }

        return null;
    }

    // The linker has made addresses of the offsets in the file.
    private static void* Entry(LinkMap* map, long tag)
    {
        for (var entry = map->Dynamic; entry->Tag != 0; entry++)
        {
            if (entry->Tag == tag)
            {
                return entry->Address;
            }
        }

        return null;
    }

    [LibraryImport("libc.so.6", EntryPoint = "dlinfo")]
    private static partial int LinkerInfo(nint library, int request, out LinkMap* map);

    [LibraryImport("libc.so.6", EntryPoint = "mprotect")]
    private static partial int Protect(nint page, nuint length, int protection);

    [StructLayout(LayoutKind.Sequential)]
    private struct LinkMap
    {
        public nint Base;
        public byte* Name;
        public DynamicEntry* Dynamic;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct DynamicEntry
    {
        public long Tag;
        public void* Address;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Symbol
    {
        public uint Name;
        public byte Info, Other;
        public ushort Section;
        public nint Value;
        public ulong Size;
    }
}
