using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Distillation;
using KdNotebooks.Guests.MultiLabel;
using KdNotebooks.Guests.Parts;
using KdNotebooks.Losses;
using KdNotebooks.Methods;
using KdNotebooks.Models;
using KdNotebooks.Parts;
using KdNotebooks.Recipes;

namespace KdNotebooks.Guests;

/// <summary>A part of one's own beside the library's, each in a recipe that is trained for a few steps.</summary>
public sealed class PartsTests : Workshop
{
    private static readonly Recipe Alone = new()
    {
        Method = "mine",
        Data = new DataSpec("fashion-mnist-mini", 64, 50, 50),
        Student = new ResNetSpec(8, 8),
        Epochs = 1,
        BatchSize = 32,
        Augmentation = PaddedCrop.None,
        Device = "cpu",
    };

    private static readonly Recipe Held = Alone with
    {
        Teacher = new TeacherSpec("fashion-teacher"),
        Connections = [new Connection("layer3", "layer3", new Linear(), new L2Loss(), 1)],
    };

    [Fact]
    public void A_loss() => Term("layer3 linear huber", Connected(new Linear(), new HuberLoss(0.5)));

    [Fact]
    public void A_logit_loss() => Term("logits centered", Held with
    {
        Connections = [],
        Logits = new LogitConnection(new CenteredLogitLoss(), 0.1),
    });

    [Fact]
    public void An_aligner() => Term("layer3 conv-norm l2", Connected(new ConvNormAligner(), new L2Loss()));

    [Fact]
    public void A_model_with_two_outputs() => Term("far to layer3 linear l2", Held with
    {
        Student = new TwoHeads(),
        Connections = [new Connection("far", "layer3", new Linear(), new L2Loss(), 1)],
    });

    [Fact]
    public void An_augmentation() => Term("task", Alone with { Augmentation = new Mirrored() });

    [Fact]
    public void An_augmentation_behind_one_of_ours() => Term(
        "task", Alone with { Augmentation = new Chain([new PaddedCrop(2, Flip: false), new Mirrored(Views: 0)]) });

    [Fact]
    public void An_optimizer_and_a_schedule() => Term(
        "task", Alone with { Optimizer = new Rms(), Schedule = new Drop() });

    [Fact]
    public void A_dataset_with_a_reader_of_its_own()
    {
        var sets = new[] { 32, 16, 16 }.Select((images, i) =>
            new GrayFolder(GrayFolder.Write(Path.Combine(Folder, $"gray{i}"), images), ["across", "down"])).ToList();
        KnownDatasets.Register("gray", new Dataset("gray", sets[0], sets[1], sets[2], [0.2f], [0.3f]));

        Term("task", Alone with { Data = new DataSpec("gray"), Student = new ResNetSpec(8, 4) });
        Term("task", Alone with { Data = new DataSpec("gray", 16), BatchSize = 8, Method = "fewer" });
    }

    [Fact]
    public void A_registered_loss_is_a_method_by_its_name()
    {
        OwnParts.Register<IFeatureLoss>("my-huber", new HuberLoss());
        OwnParts.Register<ILogitLoss>("my-centered", new CenteredLogitLoss());
        string[] names = ["my-huber", "my-centered"];

        Assert.All(names, name => Assert.Contains(name, NamedMethods.Names));
        var result = Train([.. names.Select(name => NamedMethods.Find(name).At(Held.Guidance, 0.1) is var held
            ? Held with { Method = name, Connections = held.Connections, Logits = held.Logits }
            : null!)]);
        Assert.Equal(names, result.Runs.Select(run => run.Recipe.Method));
    }

    [Fact]
    public void All_of_them_in_one_recipe_read_back_from_its_JSON()
    {
        var recipe = Connected(new ConvNormAligner(5), new HuberLoss(2)) with
        {
            Student = new TwoHeads(4),
            Task = new MultiLabelSpec(0.2),
            Augmentation = new Mirrored(4),
            Optimizer = new Rms(0.01),
            Schedule = new Drop(0.25),
        };

        Assert.Equal(recipe, RecipeJson.Read(RecipeJson.Write(recipe)));
        Assert.Equal(
            ["task", "model", "aligner", "loss", "optimizer", "schedule", "augmentation"],
            Roles(recipe));
    }

    private static IEnumerable<string> Roles(Recipe recipe) =>
        Recipes.Guests.Of(recipe).Select(guest => guest.Role);

    private static Recipe Connected(IAligner aligner, IFeatureLoss loss) => Held with
    {
        Connections = [new Connection("layer3", "layer3", aligner, loss, 1)],
    };

    private void Term(string name, Recipe recipe)
    {
        var run = Train(recipe).Runs[0];
        Assert.Contains(name, run.Epochs[0].Losses.Keys);
        Assert.All(run.Rows, row => Assert.True(double.IsFinite(row.Value), $"{row}"));
    }
}
