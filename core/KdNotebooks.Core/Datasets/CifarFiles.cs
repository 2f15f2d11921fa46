using System.Formats.Tar;
using System.IO.Compression;
using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>The files of a copy of CIFAR, out of the publisher's archive or of a folder that it was unpacked to.</summary>
/// <param name="Place">The archive's path, or the folder's.</param>
/// <param name="Files">By name without folders.</param>
internal sealed record CifarFiles(string Place, IReadOnlyDictionary<string, byte[]> Files)
{
    private const long Most = 2_000_000_000; // bytes of a file

    /// <summary>Whether a place has any of the files.</summary>
    public static bool Has(CifarKind kind, string place) => Archive(kind, place) is not null || Folder(kind, place) is not null;

    /// <summary>Reads them all. Nothing of an archive is written to disk.</summary>
    /// <param name="place">The archive, a folder with it, or the folder that it was unpacked to, or one that holds that.</param>
    /// <exception cref="DataFileException">There is none of these, or it cannot be read.</exception>
    public static CifarFiles Read(CifarKind kind, string place)
    {
        var path = Path.GetFullPath(place);
        var found = (Folder: Folder(kind, path), Archive: Archive(kind, path));
        if (found is (null, null))
        {
            throw new DataFileException(
                path, Directory.Exists(path) || File.Exists(path)
                    ? $"holds neither {kind.Archive} nor {string.Join(", ", kind.Published.Keys)}" : "is missing", Mend(kind));
        }

        try
        {
            return found.Folder is { } folder
                ? new CifarFiles(folder, Visible.Files(folder).Where(file => Wanted(kind, Path.GetFileName(file)))
                    .ToDictionary(file => Path.GetFileName(file), file => IdxFile.ReadBytes(file, Mend(kind))))
                : new CifarFiles(found.Archive!, Unpacked(kind, found.Archive!));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
        {
            throw new DataFileException(
                found.Folder ?? found.Archive!, $"cannot be read ({problem.Message.TrimEnd('.')})", Mend(kind), problem);
        }
    }

    /// <summary>What to do where something is wrong.</summary>
    public static string Mend(CifarKind kind) =>
        $"Expected the binary version, {kind.Archive} of {kind.Source}, or what is in it: kd data get {kind.Name}";

    private static bool Wanted(CifarKind kind, string name) => kind.IsTraining(name) || kind.IsTest(name) || name == kind.NameFile;

    private static string? Folder(CifarKind kind, string place) => new[] { place, Path.Combine(place, kind.Folder) }
        .FirstOrDefault(folder => Visible.Files(folder, ".bin").Any(file => kind.IsTraining(Path.GetFileName(file))));

    private static string? Archive(CifarKind kind, string place) => File.Exists(place) ? place
        : Path.Combine(place, kind.Archive) is var usual && File.Exists(usual) ? usual : null;

    private static Dictionary<string, byte[]> Unpacked(CifarKind kind, string archive)
    {
        using var stream = new GZipStream(Data.Formats.ImageFile.Open(archive), CompressionMode.Decompress);
        using var tar = new TarReader(stream);
        var files = new Dictionary<string, byte[]>();
        var others = new List<string>();
        while (tar.GetNextEntry() is { } entry)
        {
            var name = entry.Name[(entry.Name.LastIndexOf('/') + 1)..];
            if (entry.DataStream is not { } data || !Wanted(kind, name))
            {
                others.Add(name);
                continue;
            }

            if (entry.Length > Most)
            {
                throw new InvalidDataException($"{name} in it has {entry.Length} bytes; expected at most {Most}");
            }

            var bytes = new byte[entry.Length];
            data.ReadExactly(bytes);
            if (!files.TryAdd(name, bytes))
            {
                throw new InvalidDataException($"it holds {name} twice");
            }
        }

        return files.Keys.Any(kind.IsTraining) ? files : throw new InvalidDataException(
            $"it holds no training images, but {(others.Count == 0 ? "nothing" : string.Join(", ", others.Where(name => name.Length > 0).Take(5)))}");
    }
}
