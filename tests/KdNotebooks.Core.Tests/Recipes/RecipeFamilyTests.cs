using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Models.Classification;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Recipes;

/// <summary>The tables of pairs and methods: docs/method.md 3.</summary>
public sealed class RecipeFamilyTests
{
    private static readonly string[] Pairs =
    [
        "wrn_40_2-wrn_16_2", "wrn_40_2-wrn_40_1", "resnet56-resnet20", "resnet110-resnet20", "resnet110-resnet32",
        "resnet32x4-resnet8x4", "vgg13-vgg8", "vgg13-MobileNetV2", "ResNet50-MobileNetV2", "ResNet50-vgg8",
        "resnet32x4-ShuffleV1", "resnet32x4-ShuffleV2", "wrn_40_2-ShuffleV1",
    ];

    public static TheoryData<string> All =>
        [.. Pairs.Select(pair => $"cifar100/{pair}"), "imagenet/resnet34-resnet18", "imagenet/resnet50-mobilenet_v1"];

    // The networks have 32x32 images where they are made for them: half of ImageNet's size is enough to look at shapes.
    [Theory]
    [MemberData(nameof(All))]
    public void What_each_recipe_of_a_pair_connects_comes_together(string pair)
    {
        var recipes = NamedRecipes.Below(pair);
        Assert.True(recipes.Count >= 5);
        long[] image = pair.StartsWith("cifar100", StringComparison.Ordinal) ? [3, 32, 32] : [3, 128, 128];
        var (teacher, student) = (Built(pair.Split('/')[1].Split('-')[0]), Built(pair.Split('/')[1].Split('-')[1]));
        using var roots = torch.NewDisposeScope();
        var all = recipes.Select(one => one.Recipe.Guidance).ToList();
        using var taps = new TapSet(student, all.SelectMany(guidance => guidance.StudentPaths));
        using var theirs = new TapSet(teacher, all.SelectMany(guidance => guidance.TeacherPaths));
        var maps = new TeacherMaps(theirs.Probe(image).ToDictionary());
        var ours = taps.Probe(image);
        Assert.All(recipes, one => Bridges.Of(one.Recipe.Guidance, ours, maps).Dispose());
        teacher.Root.Dispose();
        student.Root.Dispose();
    }

    [Theory]
    [InlineData("cifar100/resnet32x4-resnet8x4/at", 73.44, 72.50)]
    [InlineData("cifar100/wrn_40_2-ShuffleV1/vid", 73.61, 70.50)]
    [InlineData("cifar100/resnet56-resnet20/review", 71.89, 69.06)]
    [InlineData("cifar100/vgg13-MobileNetV2/nst", 58.16, 64.60)]
    [InlineData("imagenet/resnet50-mobilenet_v1/mgd", 72.49, 70.13)]
    public void What_was_published_stands_with_it(string name, double method, double alone)
    {
        var published = NamedRecipes.Find(name).Published;
        Assert.Equal([method, alone], published.Select(number => number.Value));
        Assert.All(published, number => Assert.True(number.Source.Length > 5));
    }

    // docs/method.md, 3 and 4.
    [Fact]
    public void The_protocol_is_the_one_that_is_published()
    {
        foreach (var one in NamedRecipes.All.Where(one => one.Name.StartsWith("cifar100/", StringComparison.Ordinal)))
        {
            var recipe = one.Recipe;
            var light = one.Name.Split('/')[1].Split('-')[^1] is "MobileNetV2" or "ShuffleV1" or "ShuffleV2";
            Assert.Equal(new Sgd(light ? 0.01 : 0.05, 0.9, 5e-4), recipe.Optimizer);
            Assert.Equal([150, 180, 210], Assert.IsType<MultiStep>(recipe.Schedule).Epochs);
            Assert.Equal((240, 64), (recipe.Epochs, recipe.BatchSize));
            Assert.Equal(new PaddedCrop(4), recipe.Augmentation);
        }

        var at = NamedRecipes.Find("cifar100/resnet32x4-resnet8x4/at").Recipe;
        Assert.Equal(["layer1", "layer2", "layer3"], at.Connections.Select(connection => connection.Student));
        Assert.All(at.Connections, connection => Assert.Equal((1000, new AtLoss()), (connection.Alpha, connection.Loss)));
        var kd = NamedRecipes.Find("cifar100/vgg13-vgg8/kd").Recipe;
        Assert.Equal((0.1, new LogitConnection(new KdLoss(), 0.9)), (kd.TaskWeight, kd.Logits));
        Assert.Equal(6, Beta("vgg13-vgg8"));
        Assert.Equal(2, Beta("resnet56-resnet20"));
        Assert.Equal(8, Beta("ResNet50-MobileNetV2"));
        var review = NamedRecipes.Find("cifar100/resnet110-resnet32/review").Recipe.Fused!;
        Assert.Equal((1, 20, 4), (review.Alpha, review.WarmUp, review.Stages.Count));
        Assert.EndsWith("preact", review.Stages[0].Teacher);
        Assert.Equal("layer1", review.Stages[0].Student);
        var mgd = NamedRecipes.Find("imagenet/resnet34-resnet18/mgd").Recipe;
        Assert.Equal(new MaskedGenerative(0.15, MaskKind.Channel), mgd.Connections.Single().Aligner);
        Assert.Equal((7e-5, 256, 100), (mgd.Connections[0].Alpha, mgd.BatchSize, mgd.Epochs));
        Assert.Equal(5, NamedRecipes.Find("imagenet/resnet50-mobilenet_v1/mgd").Recipe.ClipNorm);
        Assert.Null(NamedRecipes.Find("imagenet/resnet50-mobilenet_v1/at").Recipe.ClipNorm);
        Assert.Equal(0.2, NamedRecipes.Find("imagenet/resnet34-resnet18/kd").Recipe.Optimizer.LearningRate);

        static double Beta(string pair) =>
            ((DkdLoss)NamedRecipes.Find($"cifar100/{pair}/dkd").Recipe.Logits!.Loss).Beta;
    }

    [Fact]
    public void Every_pair_of_the_tables_is_there_and_what_no_source_has_is_not()
    {
        Assert.All(Pairs, pair => Assert.Contains($"cifar100/{pair}/mlp", NamedRecipes.Names));
        Assert.All(
            Pairs.SelectMany(pair => pair.Split('-')).Distinct(), network => Assert.Contains($"cifar100/{network}", NamedRecipes.Names));
        Assert.DoesNotContain("cifar100/resnet110-resnet20/dkd", NamedRecipes.Names);
        Assert.DoesNotContain("cifar100/vgg13-vgg8/dist", NamedRecipes.Names);
        Assert.Contains("the nearest is 'cifar100/vgg13-vgg8/", Assert.Throws<KdException>(
            () => NamedRecipes.Find("cifar100/vgg13-vgg8/dst")).Message);
    }

    [Fact]
    public void They_are_listed_by_pair_by_task_and_with_their_marks()
    {
        Assert.Contains("cifar100/resnet32x4-resnet8x4", NamedRecipes.List);
        Assert.DoesNotContain("cifar100/resnet32x4-resnet8x4/at", NamedRecipes.List);
        var lines = NamedRecipes.Lines(NamedRecipes.Below("cifar100/resnet32x4-resnet8x4"));
        Assert.Contains("73.44", lines.Split('\n').Single(line => line.StartsWith("cifar100/resnet32x4-resnet8x4/at ", StringComparison.Ordinal)));
        Assert.Contains("confirmed", lines);
        Assert.All(NamedRecipes.OfTask("detection"), one => Assert.StartsWith("coco-", one.Name));
        Assert.Contains("nearest is 'detection'", Assert.Throws<KdException>(() => NamedRecipes.OfTask("detecton")).Message);
    }

    private static INetwork Built(string network) => Network.Of(new NetworkSpec(network).Build(3, 5));
}
