using System.Collections;
using System.Numerics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Weights.PyTorch;

/// <summary>What the functions of <see cref="TorchFunction"/> give: descriptions, of which no byte is allocated.</summary>
internal static class TorchCall
{
    public static object? Of(TorchFunction function, object?[] arguments) => (function, arguments) switch
    {
        (TorchFunction.OrderedDict, _) => Ordered(arguments),
        (TorchFunction.Size, [object?[] sizes, ..]) => sizes,
        (TorchFunction.Size, _) => arguments,
        // storage, offset, sizes, strides[, requires_grad, hooks[, marks]]
        (TorchFunction.Tensor, [var storage, var offset, var sizes, var strides, .. var rest]) =>
            Tensor(storage, offset, sizes, strides, null, rest.ElementAtOrDefault(2)),
        // storage, offset, sizes, strides, requires_grad, hooks, type[, marks]
        (TorchFunction.TypedTensor, [var storage, var offset, var sizes, var strides, _, _, var type, .. var rest]) =>
            type is TorchType known
                ? Tensor(storage, offset, sizes, strides, known, rest.ElementAtOrDefault(0))
                : PickledTensor.Not($"its type is {Text(type)}; expected one of {TorchNames.Readable}"),
        (TorchFunction.Parameter, [var data, ..]) => data is PickledTensor ? data : Depending(data),
        // function, class, arguments, state
        (TorchFunction.OfType, [TorchFunction of, TensorClass, object?[] inner, ..]) => Of(of, inner),
        (TorchFunction.OfType, [_, var type, ..]) => PickledTensor.Not($"it is of the class {Text(type)}, which is not built"),
        _ => PickledTensor.Not($"it has {arguments.Length} arguments, which is not what PyTorch writes"),
    };

    /// <summary>What a value is, for a message: one line, without control characters.</summary>
    public static string Text(object? value) => value switch
    {
        null => "None",
        string text => $"the text '{Printable.Of(text)}'",
        bool flag => flag ? "True" : "False",
        int or long or double or BigInteger => "a number",
        Placeholder placeholder => Printable.Of(placeholder.Name),
        TorchType type => $"torch.{type.Name}",
        StorageClass type => $"a storage's class ({type.Type.Name})",
        PickledTensor or PickledStorage => "a tensor",
        PickleDictionary dictionary => $"a dictionary of {dictionary.Named.Count + dictionary.Others}",
        ArrayList list => $"a list of {list.Count}",
        object?[] tuple => $"a tuple of {tuple.Length}",
        byte[] bytes => $"{bytes.Length} bytes",
        _ => "something else",
    };

    private static PickleDictionary Ordered(object?[] arguments)
    {
        var dictionary = new PickleDictionary();
        var pairs = arguments is [ArrayList list, ..] ? list.ToArray() : arguments is [object?[] tuple, ..] ? tuple : [];
        foreach (var pair in pairs)
        {
            // Protocols 0 and 1 have them as lists.
            if ((pair is ArrayList entry ? entry.ToArray() : pair as object?[]) is [var key, var value])
            {
                dictionary.Set(key, value);
            }
        }

        return dictionary;
    }

    private static PickledTensor Tensor(
        object? storage, object? offset, object? sizes, object? strides, TorchType? type, object? marks)
    {
        if (storage is not PickledStorage from)
        {
            return Depending(storage);
        }

        if (marks is PickleDictionary { Named.Count: > 0 } marked)
        {
            return PickledTensor.Not($"it has the mark '{Printable.Of(marked.Named.GetAt(0).Key)}', which is not read");
        }

        type ??= from.Type;
        return Numbers(sizes) is { } shape && Numbers(strides) is { } steps && Number(offset) is { } first
            ? new PickledTensor(from, type, first, shape, steps)
            : PickledTensor.Not("its sizes and strides are no whole numbers");
    }

    private static PickledTensor Depending(object? what) =>
        what is PickledTensor { Refused: not null } refused ? refused
        : PickledTensor.Not($"it depends on {Text(what)}, which is not built");

    // With their signs: what is out of range is said with the tensor's name.
    private static long[]? Numbers(object? values)
    {
        var list = values as object?[] ?? (values as ArrayList)?.ToArray();
        var numbers = list?.Select(Number).ToList();
        return numbers is null || numbers.Contains(null) ? null : [.. numbers.Select(number => number!.Value)];
    }

    private static long? Number(object? value) => value switch
    {
        int number => number,
        long number => number,
        BigInteger big when big >= long.MinValue && big <= long.MaxValue => (long)big,
        _ => null,
    };
}
