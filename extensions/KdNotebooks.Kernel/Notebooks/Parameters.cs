using System.Globalization;
using System.Text.Json.Nodes;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Notebooks;

/// <summary>The parameters of a notebook, which stand in its code cell tagged "parameters".</summary>
public static class Parameters
{
    /// <summary>The cell's tag, as papermill has it.</summary>
    public const string Tag = "parameters";

    /// <summary>The parameter that chooses the size of an experiment.</summary>
    public const string Preset = "preset";

    /// <summary>What <see cref="Preset"/> can be: tests; minutes on two cores; the published protocol.</summary>
    public static IReadOnlyList<string> Presets { get; } = ["smoke", "quick", "paper"];

    /// <summary>In the order of the cell; empty where no cell has the tag.</summary>
    public static IReadOnlyList<Parameter> Of(Notebook notebook) =>
        Find(notebook) is { } cell ? ParameterParser.Parse(cell.Source) : [];

    /// <summary>
    /// Replaces right-hand sides in place, so that what depends on them in the same cell follows, and records the
    /// values in the notebook's metadata as "kd.parameters".
    /// </summary>
    /// <param name="values">Name to value as the user typed it; text needs no quotes.</param>
    /// <exception cref="KdException">No such parameter, or a value of another type than the parameter's.</exception>
    public static void Apply(Notebook notebook, IReadOnlyDictionary<string, string> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        var cell = Find(notebook) ?? throw new KdException(
            $"Cannot set {string.Join(", ", values.Keys)}: the notebook has no code cell tagged '{Tag}'.");
        var known = ParameterParser.Parse(cell.Source);
        var changes = values.Select(pair => (Parameter: Find(known, pair.Key), pair.Value))
            .Select(change => (change.Parameter, Literal: Literal(change.Parameter, change.Value), change.Value))
            .ToList();
        // From the end of the text to its beginning: a replacement moves only what comes after it.
        foreach (var (parameter, literal, _) in changes.OrderByDescending(change => change.Parameter.Start))
        {
            cell.Source = cell.Source.Remove(parameter.Start, parameter.Current.Length)
                .Insert(parameter.Start, literal);
        }

        var recorded = NotebookCell.ObjectAt(NotebookCell.ObjectAt(notebook.Metadata, "kd"), "parameters");
        foreach (var (parameter, _, value) in changes)
        {
            recorded[parameter.Name] = Json(parameter, value);
        }
    }

    private static NotebookCell? Find(Notebook notebook) =>
        notebook.Cells.FirstOrDefault(cell => cell.IsCode && cell.Tags.Contains(Tag));

    private static Parameter Find(IReadOnlyList<Parameter> known, string name)
    {
        if (known.FirstOrDefault(parameter => parameter.Name == name) is { } found)
        {
            return found;
        }

        var names = known.Select(parameter => parameter.Name).ToList();
        throw new KdException(names.Count == 0
            ? $"Unknown parameter '{name}': the cell tagged '{Tag}' holds no top-level let."
            : $"Unknown parameter '{name}'; did you mean '{Nearest.Of(name, names)}'? "
                + $"Known: {string.Join(", ", names)}.");
    }

    private static string Literal(Parameter parameter, string value)
    {
        if (parameter.Type is not { } type)
        {
            throw new KdException(
                $"Parameter '{parameter.Name}' cannot be set: its type cannot be told from '{parameter.Current}'. "
                + $"Annotate it in the notebook as string, int, int64, float or bool, "
                + $"as in: let {parameter.Name}: int = ...");
        }

        if (parameter.Name == Preset && !Presets.Contains(value))
        {
            throw new KdException(
                $"Unknown preset '{value}'; did you mean '{Nearest.Of(value, Presets)}'? "
                + $"Expected {string.Join(", ", Presets)}.");
        }

        return parameter.Literal(value) ?? throw new KdException(
            $"Parameter '{parameter.Name}' takes {Parameter.NameOf(type)}, but '{value}' is not one; "
            + $"its value in the notebook is {parameter.Current}.");
    }

    private static JsonNode? Json(Parameter parameter, string value) => parameter.Type switch
    {
        ParameterType.Int or ParameterType.Int64 => long.Parse(value, CultureInfo.InvariantCulture),
        ParameterType.Bool => bool.Parse(value),
        ParameterType.Float when double.Parse(value, CultureInfo.InvariantCulture) is var number
            && double.IsFinite(number) => number,
        _ => value,
    };
}
