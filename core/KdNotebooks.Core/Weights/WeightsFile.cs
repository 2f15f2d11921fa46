using KdNotebooks.Runtime;
using KdNotebooks.Weights.PyTorch;

namespace KdNotebooks.Weights;

/// <summary>
/// An open file of named tensors, whatever its format: safetensors, or what PyTorch's <c>torch.save</c> writes (the zip
/// format, and the one of before 1.6). Its contents have been checked; tensors are read on demand.
/// </summary>
/// <remarks>
/// Nothing in a file is run. Of a pickle, tensors, numbers, texts, lists and dictionaries are built; any other class or
/// function stays a name (<see cref="NotBuilt"/>). Sizes are compared with the file's own length before memory is taken.
/// </remarks>
public abstract class WeightsFile : IDisposable
{
    private const int MostCopies = 16;

    private static readonly (byte[] Begin, string Name)[] Others =
    [
        ([0x89, (byte)'H', (byte)'D', (byte)'F'], "an HDF5 file (Keras)"),
        ([0x1f, 0x8b], "a gzip archive"),
        ("GGUF"u8.ToArray(), "a GGUF file"),
        ("version https://git-lfs"u8.ToArray(), "a pointer of Git LFS, not the file (git lfs pull fetches it)"),
        ("<!"u8.ToArray(), "a web page, not the file that it offers"),
        ("<h"u8.ToArray(), "a web page, not the file that it offers"),
        ("{"u8.ToArray(), "a text (JSON)"),
    ];

    private protected WeightsFile(string path) => Path = path;

    public string Path { get; }

    /// <summary>"safetensors", "PyTorch, zip" or "PyTorch, before 1.6".</summary>
    public abstract string Format { get; }

    /// <summary>The tensors by name.</summary>
    public abstract IReadOnlyDictionary<string, TensorInfo> Entries { get; }

    /// <summary>
    /// Where in a checkpoint they are: "state_dict", "ema.module"; "" (the default) where the file is nothing else.
    /// </summary>
    public virtual string Entry => "";

    /// <summary>
    /// Entries beside them that cannot be read, with the reason: "it depends on os.system, which is not built". None in a
    /// safetensors file.
    /// </summary>
    public virtual IReadOnlyDictionary<string, string> Refused { get; } = new Dictionary<string, string>();

    /// <summary>
    /// Classes and functions that the file names and that were not built, and how often: "argparse.Namespace" once. None in
    /// a safetensors file.
    /// </summary>
    public virtual IReadOnlyDictionary<string, int> NotBuilt { get; } = new Dictionary<string, int>();

    /// <summary>What else a checkpoint has: "epoch" is "a number". None in a safetensors file.</summary>
    public virtual IReadOnlyDictionary<string, string> Beside { get; } = new Dictionary<string, string>();

    /// <summary>Opens a file by what it is, not by how it is called, and checks it; no tensor is read yet.</summary>
    /// <param name="path">A regular file.</param>
    /// <param name="entry">
    /// Where in a checkpoint the weights are, as in "state_dict" or "ema.module"; null (the default) finds them where there
    /// is one choice.
    /// </param>
    /// <exception cref="KdException">
    /// There is no such file, it is of another format, damaged, or holds several state dicts of which none was chosen: the
    /// message names the file, what was expected, what came and what to do.
    /// </exception>
    public static WeightsFile Open(string path, string? entry = null)
    {
        var isZip = false;
        using (var stream = OpenStream(path))
        {
            var head = new byte[512];
            head = head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
            // First: a safetensors header of 128 or 640 bytes begins as a pickle does, and one of 19280 as a zip file.
            var isSafe = IsSafeTensors(head);
            isZip = !isSafe && head.AsSpan().StartsWith("PK"u8);
            isSafe |= !isZip && !IsLegacy(head) && path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);
            if (!isZip && !isSafe && !IsLegacy(head))
            {
                throw new KdException(
                    $"{path}: is {What(head)}; expected a safetensors file, or one that PyTorch's torch.save wrote (.pth, .pt).");
            }

            if (isSafe)
            {
                return entry is null ? SafeTensorsFile.Open(path) : throw new KdException(
                    $"{path}: is a safetensors file, which holds nothing but its tensors; there is no entry "
                    + $"'{Printable.Of(entry)}' to choose. Leave it out, or give a prefix.");
            }
        }

        return PyTorchFile.Open(path, isZip, entry);
    }

    /// <summary>Reads one tensor.</summary>
    /// <returns>Contiguous, on the CPU, without gradient; owned by the caller's dispose scope, if any.</returns>
    /// <exception cref="KdException">The file has no such tensor, or it cannot be read.</exception>
    public abstract Tensor Load(string name);

    /// <summary>Reads every tensor; as <see cref="Load"/>.</summary>
    /// <exception cref="KdException">
    /// One cannot be read, or together they take far more memory than the file is long: views of one storage can be many.
    /// </exception>
    public Dictionary<string, Tensor> LoadAll()
    {
        var bytes = Entries.Values.Sum(info => (double)info.Shape.Aggregate(1L, (product, size) => product * size)
            * SafeTensorsDtype.SizeOf(info.Dtype));
        if (bytes > MostCopies * (double)new FileInfo(Path).Length)
        {
            throw new KdException(
                $"{Path}: its tensors take {bytes:F0} bytes together, more than {MostCopies} times the file: they are views of "
                + "the same storages. Read them one by one.");
        }

        using var scope = torch.NewDisposeScope();
        var tensors = Entries.Keys.ToDictionary(name => name, Load);
        foreach (var tensor in tensors.Values)
        {
            tensor.MoveToOuterDisposeScope();
        }

        return tensors;
    }

    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    private protected abstract void Close();

    /// <exception cref="KdException">It is no file that can be read from its beginning.</exception>
    internal static FileStream OpenStream(string path)
    {
        RequireRegular(path);
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new KdException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    /// <exception cref="KdException">To open it would be to wait for ever, or to read without an end.</exception>
    internal static void RequireRegular(string path)
    {
        if (Directory.Exists(path))
        {
            throw new KdException($"{path}: is a folder; expected a file of weights (.safetensors, .pth, .pt).");
        }

        if (!FileStamp.IsRegular(path))
        {
            throw new KdException(
                $"{path}: is a pipe, a device or a socket; expected a regular file. Write what it gives to a file first.");
        }
    }

    // A pickle of protocol 2 or later; one of before begins with the magic number of torch.save as text.
    private static bool IsLegacy(ReadOnlySpan<byte> head) =>
        (head.Length > 1 && head[0] == PickleOpcode.Proto && head[1] <= 5) || head.StartsWith("L119547037146038801333356L"u8);

    // The header's length in eight bytes, of which the upper four are 0 (it has at most 100 MB), and its first brace.
    private static bool IsSafeTensors(ReadOnlySpan<byte> head) =>
        head.Length > 8 && head[8] == (byte)'{' && head[4..8].IndexOfAnyExcept((byte)0) < 0;

    private static string What(byte[] head)
    {
        if (head.Length == 0)
        {
            return "empty";
        }

        if (head.Length > 262 && head.AsSpan(257, 5).SequenceEqual("ustar"u8))
        {
            return "a tar archive (as PyTorch wrote before 0.1.10: load and save it again there)";
        }

        return Others.FirstOrDefault(other => head.AsSpan().StartsWith(other.Begin)).Name ?? "of no format that is known here";
    }
}
