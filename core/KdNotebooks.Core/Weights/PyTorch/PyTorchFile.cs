using KdNotebooks.Runtime;

namespace KdNotebooks.Weights.PyTorch;

/// <summary>An open file of <c>torch.save</c>'s, and one state dict of it.</summary>
internal sealed class PyTorchFile : WeightsFile
{
    private readonly ITorchArchive archive;
    private readonly bool isZip;
    private readonly StateDictPlace place;
    private readonly Dictionary<string, PickledTensor> tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorInfo> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> refused = new(StringComparer.Ordinal);
    private (string Key, string Type, Tensor Values)? last;

    private PyTorchFile(string path, bool isZip, ITorchArchive archive, long length, string? entry) : base(path)
    {
        (this.isZip, this.archive) = (isZip, archive);
        place = Checkpoint.Find(path, archive.Contents.Value, entry);
        foreach (var (name, value) in place.Entries.Named)
        {
            Add(name, value, length);
        }
    }

    public override string Format => isZip ? "PyTorch, zip" : "PyTorch, before 1.6";

    public override IReadOnlyDictionary<string, TensorInfo> Entries => entries;

    public override string Entry => place.Path;

    public override IReadOnlyDictionary<string, string> Refused => refused;

    public override IReadOnlyDictionary<string, int> NotBuilt => archive.Contents.NotBuilt;

    public override IReadOnlyDictionary<string, string> Beside => Checkpoint.Beside(archive.Contents.Value, place);

    /// <inheritdoc cref="WeightsFile.Open"/>
    internal static PyTorchFile Open(string path, bool isZip, string? entry)
    {
        var stream = OpenStream(path);
        var length = stream.Length;
        ITorchArchive archive = isZip ? new TorchZip(path, stream) : new TorchLegacy(path, stream);
        try
        {
            return new PyTorchFile(path, isZip, archive, length, entry);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    public override Tensor Load(string name)
    {
        if (!tensors.TryGetValue(name, out var tensor))
        {
            throw new KdException(refused.TryGetValue(name, out var why)
                ? $"{Path}: tensor '{Printable.Of(name)}' cannot be read: {why}."
                : $"{Path}: has no tensor '{Printable.Of(name)}'; it has {NameList.Capped(entries.Keys)}.");
        }

        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        if (tensor.Shape.Contains(0))
        {
            return torch.empty(tensor.Shape, tensor.Type!.Type!.Value, torch.CPU).MoveToOuterDisposeScope();
        }

        var first = (tensor.Storage!.First * tensor.Storage.Type.Size / tensor.Type!.Size) + tensor.Offset;
        var view = Values(name, tensor).as_strided(tensor.Shape, tensor.Strides, first);
        // A tensor of its own: what is written into it changes no other.
        return torch.empty(tensor.Shape, view.dtype, torch.CPU).copy_(view).MoveToOuterDisposeScope();
    }

    private protected override void Close()
    {
        last?.Values.Dispose();
        last = null;
        archive.Dispose();
    }

    private void Add(string name, object? value, long length)
    {
        var why = value switch
        {
            PickledTensor { Refused: { } reason } => reason,
            PickledTensor { Type: { Type: null } type } => $"its type is {type.Name}; expected one of {TorchNames.Readable}",
            Placeholder placeholder => $"it is what {Printable.Of(placeholder.Name)} gives, which is not built",
            _ => null,
        };
        if (why is not null)
        {
            refused[name] = why;
        }
        else if (value is PickledTensor tensor)
        {
            if (TensorPlace.Fault(tensor, archive, length) is { } fault)
            {
                throw new KdException(
                    $"{Path}: tensor '{Printable.Of(name)}': {fault}. The file is damaged, or made to do harm: fetch it again "
                    + "from whom you trust.");
            }

            tensors[name] = tensor;
            entries[name] = new TensorInfo(name, tensor.Type!.Type!.Value, tensor.Shape);
        }
    }

    // The whole storage, as its checksum is of the whole. Tensors that share one stand side by side: the last is kept.
    private Tensor Values(string name, PickledTensor tensor)
    {
        var (storage, type) = (tensor.Storage!, tensor.Type!);
        if (last is { } kept && kept.Key == storage.Key && kept.Type == type.Name)
        {
            return kept.Values;
        }

        last?.Values.Dispose();
        last = null;
        using var scope = torch.NewDisposeScope();
        var values = torch.empty([storage.Whole * storage.Type.Size / type.Size], type.Type!.Value, torch.CPU);
        archive.Read(storage.Key, values);
        // Any other value in a bool's memory is undefined behaviour in libtorch.
        TensorBytes.Visit(values, (piece, _) =>
        {
            if (type.Type == torch.ScalarType.Bool && piece.IndexOfAnyExcept((byte)0, (byte)1) is var at and >= 0)
            {
                throw new KdException($"{Path}: tensor '{Printable.Of(name)}': a bool holds {piece[at]}; expected 0 or 1.");
            }
        });
        last = (storage.Key, type.Name, values.DetachFromDisposeScope());
        return values;
    }
}
