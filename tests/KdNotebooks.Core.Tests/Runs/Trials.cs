using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Teachers;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Runs;

/// <summary>Recipes that are trained in a moment: a few real images, a small student, the packaged teacher.</summary>
internal static class Trials
{
    public static Recipe Alone(int seed = 1) => new()
    {
        Method = "none",
        Data = new DataSpec("fashion-mnist-mini", 64, 50, 50),
        Student = new ResNetSpec(8, 8),
        Optimizer = new Sgd(0.05),
        Epochs = 2,
        BatchSize = 32,
        Augmentation = new PaddedCrop(Views: 2),
        Device = "cpu",
        Seed = seed,
    };

    public static Recipe Distilled(string method, IAligner aligner, int seed = 1) => Alone(seed) with
    {
        Method = method,
        Teacher = new TeacherSpec("fashion-teacher", TeacherSource.Memory),
        Connections = [new("layer3", "layer3", aligner, new L2Loss(), 1)],
    };

    public static Recipe Reviewed(string method, int seed = 1) => Alone(seed) with
    {
        Method = method,
        Teacher = new TeacherSpec("fashion-teacher", TeacherSource.Memory),
        Fused = new(
            [new("layer1", "layer1"), new("layer2", "layer2"), new("layer3", "layer3")], new HclLoss(), 1),
    };

    public static Recipe[] Three(int seed = 1) =>
    [
        Alone(seed),
        Distilled("linear", new Linear(), seed),
        Distilled("mlp-1", new ChannelMlp(), seed) with { Logits = new(new KdLoss(), 0.5) },
    ];

    /// <param name="output">The run folders go to "runs" below it.</param>
    public static ExperimentResult Run(string output, params Recipe[] recipes) => Experiment.Run(
        recipes, new RunContext(ProgressReporter.Silent, output, TestContext.Current.CancellationToken));

    /// <summary>A safetensors file with a model that knows nothing: all its weights are zero.</summary>
    public static string Blank(string path, int channels = 1, int classes = 10)
    {
        var recipe = Alone();
        using var model = recipe.Student.Build(channels, classes);
        using (torch.no_grad())
        {
            model.parameters().ToList().ForEach(parameter => parameter.zero_());
        }

        TrainedModel.Save(path, model, recipe, channels, classes);
        return path;
    }
}
