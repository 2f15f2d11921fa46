using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Models;
using KdNotebooks.Models.Classification;
using KdNotebooks.Recipes;
using KdNotebooks.Teachers;
using Module = TorchSharp.torch.nn.Module;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <param name="Models">Each with the words that stand above its table.</param>
/// <param name="Data">Whose images are sent through.</param>
/// <param name="Recipe">Whose crops they are cut to; null for whole images.</param>
public sealed record TapsRequest(
    IReadOnlyList<(string Title, IModelSpec Model)> Models, DataSpec Data, Recipe? Recipe = null);

/// <summary><c>#!kd-taps</c>: where a model can be connected, with shapes and cost.</summary>
internal sealed class TapsMagic : MagicCommand<TapsRequest>
{
    private static readonly MagicOption Model = new(
        "--model",
        "A model: resnet-8x16 (depth 8, width 16), psp-18x16, deeplab-18x16, fcn-18x16, faster-18x16, mask-18x16, "
        + "retina-18x16, resnet8x4 or mobilenet_v1:0.25 (kd networks lists them), a trained one's name or file, or one that a cell "
        + "has named.",
        "MODEL")
    {
        IsImplicit = true,
        Default = "student and teacher of @recipe",
        Known = ["resnet-8", "psp-18", "deeplab-18", "fcn-18", "faster-50", "mask-50", "retina-50", .. NamedNetworks.Names,
            .. TrainedModel.Packaged],
        Takes = typeof(object),
    };

    public override string Name => "kd-taps";

    public override string Summary => "Lists the module paths of a model with shapes, parameters and multiply-adds.";

    public override IReadOnlyList<MagicOption> Options =>
        [Model, RecipeOptions.Recipe, DataMagic.Data with { IsImplicit = false }];

    public override string Example => "kd-taps resnet-8x16 --as student";

    public override TapsRequest Read(MagicArguments arguments)
    {
        if (!arguments.Has(Model))
        {
            var recipe = RecipeOptions.Read(arguments);
            return new(
                OfRecipe(recipe), arguments.Has(DataMagic.Data) ? DataMagic.ReadSpec(arguments) : recipe.Data, recipe);
        }

        var model = arguments.Value<object>(Model, word => ModelWord.Read(arguments, Model, word)) switch
        {
            IModelSpec spec => spec,
            TeacherSpec teacher => new Trained(TrainedModel.Load(teacher)),
            TrainedModel trained => new Trained(trained),
            Recipe recipe => recipe.Student,
            var other => throw arguments.Wrong(Model,
                $"is a {other.GetType().Name}; expected a model, a trained model or a recipe."),
        };
        return new([(model.Name, model)], arguments.Has(DataMagic.Data)
            ? DataMagic.ReadSpec(arguments)
            : new DataSpec(model.UsualData));
    }

    public override object Run(TapsRequest request)
    {
        var data = KnownDatasets.Open(request.Data);
        long[] image = [.. request.Recipe?.Task.On(data, request.Recipe.Augmentation).Image ?? data.ImageShape];
        List<ModuleTable> tables = [];
        foreach (var (title, spec) in request.Models)
        {
            using var model = spec.Build((int)image[0], data.ClassNames.Count);
            tables.Add(ModuleTable.Of(model, image));
            Display.Show(new Markdown($"**{title}**"));
            Display.Show(tables[^1]);
        }

        return tables is [var only] ? only : tables;
    }

    private static List<(string, IModelSpec)> OfRecipe(Recipe recipe)
    {
        List<(string, IModelSpec)> models = [($"student: {recipe.Student.Name}", recipe.Student)];
        if (recipe.Teacher is { } teacher)
        {
            var spec = new Trained(TrainedModel.Load(teacher));
            models.Add(($"teacher: {spec.Name}", spec));
        }

        return models;
    }

    // A trained model keeps its own classes, whatever the images are shown for.
    private sealed record Trained(TrainedModel Of) : IModelSpec
    {
        public string Name => Of.Spec.Name;

        public string UsualData => Of.Spec.UsualData;

        public Module Build(int channels, int classes) => Of.Spec.Build(channels, Of.Classes);
    }
}
