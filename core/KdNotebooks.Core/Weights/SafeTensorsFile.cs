using System.Buffers.Binary;
using KdNotebooks.Runtime;
using Microsoft.Win32.SafeHandles;

namespace KdNotebooks.Weights;

/// <summary>An open safetensors file: its header has been checked, its tensors are read on demand.</summary>
/// <remarks>
/// Nothing in the file is executed. The file stays open, so that what is loaded belongs to the header that was checked
/// even when the path is replaced meanwhile. Loading is not safe from several threads into one dispose scope.
/// </remarks>
public sealed class SafeTensorsFile : WeightsFile
{
    private readonly SafeFileHandle handle;
    private readonly SafeTensorsHeader header;
    private readonly long dataStart;

    private SafeTensorsFile(string path, SafeFileHandle handle) : base(path)
    {
        this.handle = handle;
        var length = RandomAccess.GetLength(handle);
        var json = ReadHeader(length);
        dataStart = 8 + json.Length;
        header = SafeTensorsHeader.Parse(path, json, length - dataStart);
    }

    public override string Format => "safetensors";

    public override IReadOnlyDictionary<string, TensorInfo> Entries =>
        field ??= header.Tensors.ToDictionary(entry => entry.Key, TensorInfo (entry) => entry.Value);

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, SafeTensorsInfo> Tensors => header.Tensors;

    /// <summary>The file's free text; empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    /// <summary>Reads and checks the header, and no tensor.</summary>
    /// <exception cref="KdException">
    /// There is no such file, or it breaks a rule of the format; the message names the file, the tensor and the rule.
    /// </exception>
    public static SafeTensorsFile Open(string path)
    {
        RequireRegular(path);
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, share: FileShare.Read | FileShare.Delete);
            return new(path, handle);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // NotSupportedException: a pipe, which has no length.
            handle?.Dispose();
            throw new KdException($"{path}: cannot be read: {error.Message}", error);
        }
        catch (KdException)
        {
            handle?.Dispose();
            throw;
        }
    }

    /// <summary>Reads one tensor straight into its memory.</summary>
    /// <returns>Contiguous, on the CPU, without gradient; owned by the caller's dispose scope, if any.</returns>
    /// <exception cref="KdException">The file has no such tensor, or cannot be read.</exception>
    public override Tensor Load(string name)
    {
        if (!Tensors.TryGetValue(name, out var info))
        {
            throw new KdException(
                $"{Path}: has no tensor '{NameList.Short(name)}'; it has {NameList.Capped(Tensors.Keys)}.");
        }

        // An inner scope: when reading fails, the tensor does not wait for the caller's scope to end.
        using var scope = torch.NewDisposeScope();
        var tensor = torch.empty([.. info.Shape], info.Dtype, torch.CPU);
        TensorBytes.Visit(tensor, (piece, offset) => Fill(piece, dataStart + info.Begin + offset, info));
        return tensor.MoveToOuterDisposeScope();
    }

    /// <summary>Reads one row, that is one index of the first axis, into memory that is there already.</summary>
    /// <param name="target">Contiguous, on the CPU, of the tensor's type and of one row's size.</param>
    /// <exception cref="KdException">The file has no such tensor or row, or the target does not fit it.</exception>
    public void LoadRow(string name, long row, Tensor target)
    {
        if (!Tensors.TryGetValue(name, out var info) || info.Shape.Count == 0 || row < 0 || row >= info.Shape[0])
        {
            throw new KdException($"{Path}: has no row {row} of a tensor '{NameList.Short(name)}'.");
        }

        var length = info.Length / info.Shape[0];
        if (target.dtype != info.Dtype || target.numel() * target.element_size() != length)
        {
            throw new KdException(
                $"{Path}: a row of '{name}' takes {length} bytes of {info.Dtype}; the target has "
                + $"{target.numel() * target.element_size()} of {target.dtype}.");
        }

        TensorBytes.Visit(target, (piece, offset) => Fill(piece, dataStart + info.Begin + (row * length) + offset, info));
    }

    private protected override void Close() => handle.Dispose();

    private byte[] ReadHeader(long fileLength)
    {
        var prefix = new byte[8];
        if (fileLength < prefix.Length)
        {
            throw new KdException($"{Path}: has {fileLength} bytes; a safetensors file begins with 8 bytes of length.");
        }

        ReadExactly(prefix, 0, "its length");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafeTensorsHeader.MaxLength || (long)length > fileLength - prefix.Length)
        {
            throw new KdException(
                $"{Path}: the header is said to take {length} bytes, of a file of {fileLength} bytes and at most "
                + $"{SafeTensorsHeader.MaxLength}; the file is cut off, or not a safetensors file.");
        }

        var json = new byte[length];
        ReadExactly(json, prefix.Length, "its header");
        return json;
    }

    private void Fill(Span<byte> piece, long offset, SafeTensorsInfo info)
    {
        ReadExactly(piece, offset, Named(info));

        // Any other value in a bool's memory is undefined behaviour in libtorch.
        if (info.Dtype == torch.ScalarType.Bool && piece.IndexOfAnyExcept((byte)0, (byte)1) is var at and >= 0)
        {
            throw new KdException($"{Path}: {Named(info)}: a BOOL holds {piece[at]}; expected 0 or 1.");
        }
    }

    private static string Named(SafeTensorsInfo info) => $"tensor '{NameList.Short(info.Name)}'";

    private void ReadExactly(Span<byte> buffer, long offset, string what)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                var read = RandomAccess.Read(handle, buffer, offset);
                if (read == 0)
                {
                    throw new EndOfStreamException($"it ends at byte {offset}: cut off since it was opened.");
                }

                buffer = buffer[read..];
                offset += read;
            }
        }
        catch (IOException error)
        {
            throw new KdException($"{Path}: {what} cannot be read: {error.Message}", error);
        }
    }
}
