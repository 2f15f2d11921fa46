using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using KdNotebooks.Runtime;

namespace KdNotebooks.Weights.PyTorch;

/// <summary>
/// The zip format of PyTorch since 1.6: a folder with <c>data.pkl</c>, and a file <c>data/KEY</c> for each storage. Nothing
/// is unpacked to a disk: entries are found by their names and read in memory.
/// </summary>
/// <remarks>
/// torch.save compresses nothing, so an entry is as long as the file says it is, and all of them together are no longer than
/// the file. What is compressed, encrypted, twice there or called as no entry of torch.save is refused.
/// </remarks>
internal sealed class TorchZip : ITorchArchive
{
    private static readonly string[] Script = ["constants.pkl", "bytecode.pkl", "code/", "mobile_debug_handles.pkl"];

    private readonly string file;
    private readonly FileStream stream;
    private readonly ZipArchive archive;
    private readonly Dictionary<string, ZipArchiveEntry> entries;

    /// <param name="stream">Owned from here on.</param>
    /// <exception cref="KdException">It is no archive of torch.save's, or damaged.</exception>
    public TorchZip(string file, FileStream stream)
    {
        this.file = file;
        this.stream = stream;
        try
        {
            archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: false);
            RequireWeights([.. archive.Entries.Select(entry => entry.FullName)]);
            entries = Named();
            RequireLittleEndian();
            var pickle = Bytes("data.pkl", PickleInput.Limit);
            Contents = PickleReader.Read(new PickleInput(file, new MemoryStream(pickle), pickle.Length));
        }
        catch (Exception error)
        {
            Dispose();
            if (error is InvalidDataException or IOException or ArgumentException or NotSupportedException or OverflowException)
            {
                throw Damaged(error);
            }

            throw;
        }
    }

    public PickleContents Contents { get; }

    public long? Length(string key) => entries.TryGetValue($"data/{key}", out var entry) ? entry.Length : null;

    public void Read(string key, Tensor target)
    {
        var entry = entries[$"data/{key}"];
        try
        {
            var sum = new Crc32();
            using var bytes = entry.Open();
            TensorBytes.Visit(target, (piece, _) =>
            {
                bytes.ReadExactly(piece);
                sum.Append(piece);
            });
            RequireSum(entry, sum);
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw Damaged(error);
        }
    }

    public void Dispose()
    {
        archive?.Dispose();
        stream.Dispose();
    }

    // By their names below the one folder that holds data.pkl.
    private Dictionary<string, ZipArchiveEntry> Named()
    {
        var pickles = archive.Entries.Where(entry => entry.FullName.Split('/') is [_, "data.pkl"]).ToList();
        if (pickles.Count != 1)
        {
            throw new KdException(
                $"{file}: is a zip archive with {pickles.Count} entries data.pkl in its top folder; expected one, as torch.save "
                + "writes it. Give the file that it wrote.");
        }

        var folder = pickles[0].FullName[..^"data.pkl".Length];
        var (found, total) = (new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal), 0L);
        foreach (var entry in archive.Entries.Where(entry => !entry.FullName.EndsWith('/')))
        {
            Require(entry, folder);
            total = checked(total + entry.Length);
            if (!found.TryAdd(entry.FullName[folder.Length..], entry))
            {
                throw new KdException(
                    $"{file}: holds the entry '{Printable.Of(entry.FullName)}' twice; expected each once. Fetch it again from "
                    + "whom you trust.");
            }
        }

        return total <= stream.Length ? found : throw new KdException(
            $"{file}: its entries take {total} bytes together, and the file has {stream.Length}; expected entries side by "
            + "side, as torch.save writes them. Fetch it again from whom you trust.");
    }

    private void Require(ZipArchiveEntry entry, string folder)
    {
        var name = entry.FullName;
        if (!name.StartsWith(folder, StringComparison.Ordinal) || name.Contains('\\') || name.Contains('\0')
            || name.Split('/').Any(part => part is "" or "." or ".."))
        {
            throw new KdException(
                $"{file}: holds an entry '{Printable.Of(name)}', outside of its folder '{Printable.Of(folder)}'; expected what "
                + "torch.save writes. Fetch it again from whom you trust.");
        }

        if (entry.CompressedLength != entry.Length || entry.IsEncrypted)
        {
            throw new KdException(
                $"{file}: entry '{Printable.Of(name)}' is compressed or encrypted ({entry.CompressedLength} bytes for "
                + $"{entry.Length}), which torch.save never does; expected plain entries. Unpack it and zip it with -0, or save "
                + "it again in PyTorch.");
        }

        if (entry.Length > stream.Length)
        {
            throw new KdException(
                $"{file}: entry '{Printable.Of(name)}' is said to have {entry.Length} bytes, of a file of {stream.Length}; it "
                + "is damaged: fetch it again.");
        }
    }

    // Before any rule of names and sizes: what people have is said first.
    private void RequireWeights(IReadOnlyList<string> names)
    {
        if (names.FirstOrDefault(name => Script.Any(of => Within(name) == of || (of[^1] == '/' && Within(name).StartsWith(of))))
            is { } code)
        {
            throw new KdException(
                $"{file}: is a TorchScript archive (it holds '{Printable.Of(code)}'), a program and not only weights; expected a "
                + "state dict. In PyTorch: torch.save(torch.jit.load(file).state_dict(), other).");
        }

        if (names.Any(name => Within(name) == ".data/extern_modules"))
        {
            throw new KdException(
                $"{file}: is an archive of torch.package, a program; expected a state dict. In PyTorch: "
                + "torch.save(model.state_dict(), other).");
        }

        static string Within(string name) => name[(name.IndexOf('/') + 1)..];
    }

    private void RequireLittleEndian()
    {
        if (entries.ContainsKey("byteorder") && Encoding.ASCII.GetString(Bytes("byteorder", 64)) is var order and not "little")
        {
            throw new KdException(
                $"{file}: its numbers are in byte order '{Printable.Of(order)}'; expected 'little'. Load and save it again on a "
                + "little-endian machine.");
        }
    }

    private byte[] Bytes(string name, long limit)
    {
        var entry = entries[name];
        if (entry.Length > limit)
        {
            throw new KdException(
                $"{file}: entry '{name}' has {entry.Length} bytes; expected {limit} at most. Save the weights alone: "
                + "torch.save(model.state_dict(), file).");
        }

        var bytes = new byte[entry.Length];
        using var content = entry.Open();
        content.ReadExactly(bytes);
        var sum = new Crc32();
        sum.Append(bytes);
        RequireSum(entry, sum);
        return bytes;
    }

    private void RequireSum(ZipArchiveEntry entry, Crc32 sum)
    {
        if (sum.GetCurrentHashAsUInt32() != entry.Crc32)
        {
            throw new KdException(
                $"{file}: entry '{Printable.Of(entry.FullName)}' has another checksum than the file says; it is damaged: "
                + "fetch it again.");
        }
    }

    private KdException Damaged(Exception error) => new(
        $"{file}: is cut off or damaged: {Failure.Line(error)} Expected a whole zip archive of torch.save's; fetch it again.",
        error);
}
