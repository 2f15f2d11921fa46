using KdNotebooks.Runtime;

namespace KdNotebooks.Weights.PyTorch;

/// <summary>A dictionary of tensors within a checkpoint.</summary>
/// <param name="Path">"state_dict", "ema.module"; "" is the checkpoint itself.</param>
/// <param name="Tensors">How many it has.</param>
internal sealed record StateDictPlace(string Path, PickleDictionary Entries, int Tensors);

/// <summary>Finds a network's weights among what training code keeps beside them.</summary>
internal static class Checkpoint
{
    private const int Deepest = 4;

    // As code bases call them; an optimizer's, a schedule's or a loss's own tensors stand under other names.
    private static readonly HashSet<string> Usual = new(StringComparer.Ordinal)
    {
        "state_dict", "model", "model_state_dict", "model_state", "model_ema", "model_state_dict_ema", "state_dict_ema",
        "ema_state_dict", "ema", "ema_model", "net", "network", "student", "teacher", "weights", "params", "params_ema",
        "backbone", "encoder", "module", "generator", "student_state_dict", "teacher_state_dict", "s_state_dict", "t_state_dict",
    };

    /// <param name="chosen">A path; null finds the one that there is.</param>
    /// <exception cref="KdException">There is none, or several and none was chosen: the message lists them.</exception>
    public static StateDictPlace Find(string file, object? root, string? chosen)
    {
        var places = Places(root);
        var usual = places.Where(place => place.Path.Split('.').Any(Usual.Contains)).ToList();
        if (chosen is not null)
        {
            return places.FirstOrDefault(place => place.Path == chosen) ?? throw new KdException(
                $"{file}: has no weights under '{Printable.Of(chosen)}'; it has {List(places, root)}.");
        }

        return (places, usual) switch
        {
            (_, [var one]) => one,
            ([var one], _) => one,
            (_, []) when places.FirstOrDefault(place => place.Path.Length == 0) is { } all => all,
            ([], _) => throw new KdException(
                $"{file}: holds no state dict: it is {Contents(root)}. Expected a dictionary of tensors by name, alone or in a "
                + "checkpoint. In PyTorch: torch.save(model.state_dict(), file)."),
            _ => throw new KdException(
                $"{file}: holds several state dicts, and none was chosen: {List(usual.Count > 0 ? usual : places, root)}. Choose "
                + "one (--entry NAME; of a teacher in F#: `Pretrained.entry \"NAME\"`)."),
        };
    }

    /// <summary>What a checkpoint has beside the weights: a word for each.</summary>
    public static Dictionary<string, string> Beside(object? root, StateDictPlace place) =>
        root is PickleDictionary dictionary && place.Entries != dictionary
            ? dictionary.Named.Where(entry => entry.Value != place.Entries)
                .ToDictionary(entry => entry.Key, entry => TorchCall.Text(entry.Value))
            : [];

    private static List<StateDictPlace> Places(object? root)
    {
        var (places, seen) = (new List<StateDictPlace>(), new HashSet<object>(ReferenceEqualityComparer.Instance));
        Look("", root, 0);
        return places;

        // True where there are weights in it, or below.
        bool Look(string path, object? value, int depth)
        {
            if (value is not PickleDictionary dictionary || depth > Deepest || !seen.Add(value))
            {
                return false;
            }

            var below = false;
            foreach (var (key, inner) in dictionary.Named)
            {
                below |= Look(path.Length == 0 ? key : $"{path}.{key}", inner, depth + 1);
            }

            // A loss or two beside the weights make no state dict of a checkpoint.
            var tensors = dictionary.Named.Values.Count(inner => inner is PickledTensor);
            var own = tensors > 0 && dictionary.Others == 0 && (!below || tensors > dictionary.Named.Count / 2);
            if (own)
            {
                places.Add(new(path, dictionary, tensors));
            }

            return own || below;
        }
    }

    private static string List(List<StateDictPlace> places, object? root) => places.Count == 0
        ? $"none: it is {Contents(root)}"
        : string.Join(", ", places.OrderBy(place => place.Path, StringComparer.Ordinal).Take(20).Select(place =>
            $"{(place.Path.Length == 0 ? "the file itself" : $"'{Printable.Of(place.Path)}'")} ({place.Tensors} tensors)"));

    private static string Contents(object? root) => root switch
    {
        PickleDictionary { Named.Count: > 0 } dictionary => "a dictionary with " + string.Join(", ", dictionary.Named.Take(10)
            .Select(entry => $"'{Printable.Of(entry.Key)}' ({TorchCall.Text(entry.Value)})"))
            + (dictionary.Named.Count > 10 ? ", ..." : ""),
        Placeholder whole => $"{Printable.Of(whole.Name)}, a whole object, which is not built",
        _ => TorchCall.Text(root),
    };
}
