using System.Collections;
using System.Numerics;
using System.Text.RegularExpressions;
using KdNotebooks.Runtime;
using Razorvine.Pickle;

namespace KdNotebooks.Weights.PyTorch;

/// <summary>
/// Reads a pickle, of which nothing is run: tensors (as descriptions), numbers, texts, lists, tuples and dictionaries are
/// built, and a <see cref="Placeholder"/> for everything else.
/// </summary>
/// <remarks>
/// The pickle is read by Razorvine.Pickle, which knows all protocols. TorchSharp.PyBridge, which is made for such files
/// and stands on it, was looked at and left: it reads neither the format of before PyTorch 1.6 nor views of a shared
/// storage nor parameters, takes the whole file for the state dict, allocates what the file claims, and registers its
/// constructors for the whole process. What can be asked of the library here is bounded by <see cref="PickleGate"/>.
/// </remarks>
internal sealed partial class PickleReader : Unpickler
{
    private const int MostNames = 200;

    private readonly PickleInput input;
    private readonly SortedDictionary<string, int> notBuilt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PickledStorage> storages = new(StringComparer.Ordinal);

    private PickleReader(PickleInput input) => this.input = input;

    /// <summary>Reads one pickle, from where the input stands to its end.</summary>
    /// <exception cref="KdException">It is cut off, damaged or none.</exception>
    public static PickleContents Read(PickleInput input)
    {
        var checkedBytes = PickleGate.Pass(input);
        using var reader = new PickleReader(input);
        try
        {
            return new PickleContents(reader.loads(checkedBytes), reader.notBuilt, reader.storages);
        }
        catch (Exception error) when (error is not (KdException or OutOfMemoryException))
        {
            // The library finds faults as it meets them: a missing mark is an index, a wrong operand a cast.
            throw input.Damaged($"an operation that cannot be done ({Failure.Line(error)})");
        }
    }

    protected override object persistentLoad(object pid)
    {
        if (pid is not object?[] { Length: 2 } request || request[1] is not int ask)
        {
            throw Damaged("a request that no pickle makes");
        }

        // The library's stack takes null as Python's None.
        return Answer((PickleAsk)ask, request[0])!;
    }

    private object? Answer(PickleAsk ask, object? about) => (ask, about) switch
    {
        (PickleAsk.Global, object?[] and [string module, string name]) => Global(module, name),
        (PickleAsk.Call, object?[] and [var what, object?[] arguments]) => Call(what, arguments),
        (PickleAsk.CallWithNames, object?[] and [var what, object?[] arguments, _]) => Call(what, arguments),
        (PickleAsk.CallOfList, object?[] and [var what, .. var arguments]) => Call(what, arguments),
        (PickleAsk.CallByName, object?[] and [object?[] arguments, object?[] and [string module, string name]]) =>
            Call(Global(module, name), arguments),
        // A state is of an object, and objects are not built. An OrderedDict has one beside its entries: versions.
        (PickleAsk.State, object?[] and [var target, _]) => target,
        (PickleAsk.Persistent, object?[] id) => Persistent(id),
        (PickleAsk.Persistent, string id) => Persistent(id),
        (PickleAsk.Dictionary, object?[] entries) => Fill(new PickleDictionary(), entries),
        (PickleAsk.Item, object?[] and [var target, var key, var value]) => Fill(target, [key, value]),
        (PickleAsk.Items, object?[] and [var target, object?[] entries]) => Fill(target, entries),
        (PickleAsk.Append, object?[] and [var target, var value]) => Extend(target, [value]),
        (PickleAsk.Extend, object?[] and [var target, object?[] values]) => Extend(target, values),
        _ => throw Damaged("an operation on what is not there"),
    };

    private object Global(string module, string name)
    {
        if (TorchNames.Find(module, name) is { } known)
        {
            return known;
        }

        var full = $"{module}.{name}";
        if (notBuilt.Count < MostNames || notBuilt.ContainsKey(full))
        {
            notBuilt[full] = notBuilt.GetValueOrDefault(full) + 1;
        }

        return new Placeholder(full);
    }

    private static object? Call(object? what, object?[] arguments) => what switch
    {
        TorchFunction function => TorchCall.Of(function, arguments),
        // copyreg makes an object of the class that it is given.
        Placeholder { Name: "copyreg._reconstructor" or "copy_reg._reconstructor" } when arguments is [Placeholder of, ..] => of,
        Placeholder placeholder => placeholder,
        _ => new Placeholder($"a call of {TorchCall.Text(what)}"),
    };

    private object? Fill(object? target, object?[] entries)
    {
        if (entries.Length % 2 != 0 || target is not (PickleDictionary or Placeholder))
        {
            throw Damaged($"entries for {TorchCall.Text(target)}, which takes none");
        }

        for (var i = 0; target is PickleDictionary dictionary && i < entries.Length; i += 2)
        {
            dictionary.Set(entries[i], entries[i + 1]);
        }

        return target;
    }

    private object? Extend(object? target, object?[] values)
    {
        if (target is ArrayList list)
        {
            list.AddRange(values);
        }
        else if (target is not Placeholder)
        {
            throw Damaged($"elements for {TorchCall.Text(target)}, which takes none");
        }

        return target;
    }

    // ('storage', class, key, location, elements), and before PyTorch 1.6 a view: None or (key, first, elements).
    private object Persistent(object?[] id)
    {
        if (id is not ["storage", var type, var key, _, var count, .. var rest])
        {
            return id is ["module", Placeholder of, ..] ? of : new Placeholder("a persistent id");
        }

        if (type is not StorageClass { Type: var element })
        {
            return new Placeholder(type is Placeholder unknown ? unknown.Name : "a storage of no class");
        }

        if (key is not string name || Whole(count) is not { } elements || elements > long.MaxValue / 16)
        {
            throw Damaged("a storage without a name or a size that can be");
        }

        var whole = new PickledStorage(element, name, elements, 0, elements);
        if (storages.GetValueOrDefault(name, whole) is var before && before.Whole * before.Type.Size != elements * element.Size)
        {
            throw Damaged($"storage '{Printable.Of(name)}' in two sizes");
        }

        storages[name] = whole;
        return rest switch
        {
            [object?[] and [_, var first, var part]] => Whole(first) is { } from && Whole(part) is { } some
                && from <= elements && some <= elements - from
                    ? new PickledStorage(element, name, some, from, elements)
                    : throw Damaged($"a view outside of storage {Printable.Of(name)}"),
            _ => whole,
        };
    }

    // Protocol 0 knows ids that are text alone, and torch.save then writes the tuple's own: PyTorch does not read it back.
    private object Persistent(string id)
    {
        var found = Written().Match(id);
        return found.Success
            ? Persistent(
            [
                "storage", Global(found.Groups["module"].Value, found.Groups["class"].Value), found.Groups["key"].Value, null,
                long.Parse(found.Groups["count"].Value), null,
            ])
            : new Placeholder("a persistent id");
    }

    [GeneratedRegex(
        @"^\('storage', <class '(?<module>[\w.]{1,100})\.(?<class>\w{1,100})'>, '(?<key>[^'\\]{1,100})', '[^'\\]{0,100}', "
        + @"(?<count>[0-9]{1,15})(, None)?\)$", RegexOptions.CultureInvariant)]
    private static partial Regex Written();

    /// <summary>A number of elements: whole, not below 0; else null.</summary>
    internal static long? Whole(object? value) => value switch
    {
        int and >= 0 and var number => number,
        long and >= 0 and var number => number,
        BigInteger big when big >= 0 && big <= long.MaxValue => (long)big,
        _ => null,
    };

    private KdException Damaged(string what) => input.Damaged(what);
}

/// <summary>What one pickle holds.</summary>
/// <param name="NotBuilt">Classes and functions that it names and that were not built, and how often.</param>
/// <param name="Storages">The whole storages that it refers to, by their names.</param>
internal sealed record PickleContents(
    object? Value, IReadOnlyDictionary<string, int> NotBuilt, IReadOnlyDictionary<string, PickledStorage> Storages);
