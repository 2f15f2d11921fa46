using KdNotebooks.Models;
using KdNotebooks.Models.Classification;
using KdNotebooks.Models.Detection;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Teachers;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Teachers;

/// <summary>A teacher from any file of weights, and the name of its network.</summary>
public sealed class WeightsTeacherTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public static TheoryData<IModelSpec, int, int> Networks => new()
    {
        { new ResNetSpec(8, 4), 1, 10 },
        { new NetworkSpec("resnet8x4"), 3, 100 },
        { new NetworkSpec("vgg8"), 3, 2 },
        { new SegmenterSpec(Width: 4), 3, 19 },
        { new RetinaNetSpec(Depth: 18, Width: 8), 3, 7 },
        { new FasterRcnnSpec(Depth: 18, Width: 8), 3, 5 },
    };

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Channels_and_classes_are_read_off_the_file_whatever_the_network(IModelSpec spec, int channels, int classes)
    {
        var model = spec.Build(channels, classes);
        SafeTensors.Write(
            folder.File("x.safetensors"), model.state_dict().ToDictionary(entry => "module." + entry.Key, entry => entry.Value));
        var teacher = TrainedModel.Load(new TeacherSpec(folder.File("x.safetensors")) { Network = spec });
        Assert.Equal((channels, classes), (teacher.Channels, teacher.Classes));
        Assert.True(teacher.IsWeightsAlone);
        Assert.Contains("below 'module.'", teacher.Found());
        Assert.Equal(StateDict.Fingerprint(model), StateDict.Fingerprint(teacher.Build().Root));
        Assert.Equal(Sha256.OfFile(folder.File("x.safetensors")), teacher.Fingerprint);
    }

    [Fact]
    public void Another_network_is_refused_with_what_the_file_has()
    {
        StateDict.Save(folder.File("x.safetensors"), new ResNetSpec(8, 4).Build(3, 10));
        var spec = new TeacherSpec(folder.File("x.safetensors"));
        Assert.Contains("conv1.weight", Refused(spec with { Network = new NetworkSpec("vgg8") }));
        Assert.Contains("Pretrained.weights FILE NETWORK", Refused(spec));
        Assert.Contains("Pretrained.weights FILE NETWORK", Refused(spec with { Entry = "model" }));
    }

    [Fact]
    public void A_recipe_keeps_network_entry_and_prefix_and_says_nothing_of_them_where_they_are_not_there()
    {
        var recipe = new Recipe
        {
            Method = "kd",
            Data = new("fashion-mnist-mini"),
            Student = new ResNetSpec(8, 4),
            Teacher = new TeacherSpec("t.safetensors"),
        };
        Assert.DoesNotContain("entry", RecipeJson.Write(recipe));
        Assert.DoesNotContain("\"network\"", RecipeJson.Write(recipe));
        var other = recipe with
        {
            Teacher = new TeacherSpec("t.pth") { Network = new NetworkSpec("resnet8x4"), Entry = "ema", Prefix = "module" },
        };
        Assert.Equal(other, RecipeJson.Read(RecipeJson.Write(other)));
        Assert.NotEqual(recipe.Hash(), other.Hash());
    }

    private static string Refused(TeacherSpec spec) => Assert.Throws<KdException>(() => TrainedModel.Load(spec)).Message;
}
