namespace KdNotebooks.Weights.PyTorch;

/// <summary>A dictionary of a pickle. Python's rules: in order of insertion, the last of two equal keys wins.</summary>
internal sealed class PickleDictionary
{
    /// <summary>By the keys that are text; names of weights are.</summary>
    public OrderedDictionary<string, object?> Named { get; } = new(StringComparer.Ordinal);

    /// <summary>How many entries have another key, such as a number.</summary>
    public int Others { get; private set; }

    public void Set(object? key, object? value)
    {
        if (key is string name)
        {
            Named[name] = value;
        }
        else
        {
            Others++;
        }
    }
}

/// <summary>
/// What stands for anything that is not built: a class or a function by its name, or what one of them would give. It
/// takes whatever is done to it, and does nothing.
/// </summary>
/// <param name="Name">"os.system"; as the file says it, so not to be shown as it is.</param>
internal sealed record Placeholder(string Name);

/// <summary>An element type of PyTorch: of a storage, or by itself.</summary>
/// <param name="Name">"float32", "complex64"; "untyped" of a storage of bytes, whose tensors say theirs.</param>
/// <param name="Type">Null where TorchSharp's tensors here hold none of it.</param>
/// <param name="Size">Bytes an element.</param>
internal sealed record TorchType(string Name, torch.ScalarType? Type, int Size);

/// <summary>A storage's class, as "torch.FloatStorage".</summary>
internal sealed record StorageClass(TorchType Type);

/// <summary>A tensor's class: "torch.Tensor", "torch.nn.parameter.Parameter".</summary>
internal sealed record TensorClass;

/// <summary>A storage that a pickle refers to; the bytes are elsewhere in the file.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Count">Elements, as the pickle says.</param>
/// <param name="First">Where it begins in the storage of this name, in elements; 0 but for views of before PyTorch 0.4.</param>
/// <param name="Whole">Elements of the whole storage of this name.</param>
internal sealed record PickledStorage(TorchType Type, string Key, long Count, long First, long Whole);

/// <summary>A tensor as a pickle describes it; nothing of it has been compared with the file.</summary>
/// <param name="Storage">Null where it cannot be built.</param>
/// <param name="Refused">Why it cannot be built: "it is what os.system gives"; null where it can.</param>
internal sealed record PickledTensor(
    PickledStorage? Storage, TorchType? Type, long Offset, long[] Shape, long[] Strides, string? Refused = null)
{
    public static PickledTensor Not(string why) => new(null, null, 0, [], [], why);
}
