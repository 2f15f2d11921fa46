using System.Text.Json.Nodes;
using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Models.Detection;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Detection;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Recipes;

public sealed class NamedRecipesTests
{
    private static readonly string[] Free = ["method", "seed", "device"];

    public static TheoryData<string> Names => [.. NamedRecipes.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_field_that_decides_something_has_a_mark_and_a_source(string name)
    {
        var named = NamedRecipes.Find(name);
        var usual = Fields(new Recipe { Method = "", Data = new DataSpec(""), Student = new ResNetSpec() });
        var set = Fields(named.Recipe).Where(field => !Free.Contains(field.Key)
            && field.Value?.ToJsonString() != usual[field.Key]?.ToJsonString()).Select(field => field.Key);

        Assert.Equal([], set.Except(named.Fields.Select(field => field.Field.Split('.', '[')[0])));
        Assert.All(named.Fields, field => Assert.True(field.Source.Length > 5 && field.Value.Length > 0, field.Field));
        Assert.Equal(named.Fields.Count, named.Fields.Select(field => field.Field).Distinct().Count());
        Assert.NotEmpty(named.Needs);
        Assert.Contains(RecipeJson.Write(named.Recipe), named.Text());
    }

    public static TheoryData<string> Files => [.. NamedRecipes.Names.Where(name => !name.Contains('/'))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_module_that_a_recipe_names_is_in_its_student(string name)
    {
        var recipe = NamedRecipes.Find(name).Recipe;
        using var scope = torch.NewDisposeScope();
        var student = Small(recipe.Student).Build(3, 5);
        var paths = recipe.Connections.Select(connection => connection.Student)
            .Concat(recipe.Parameters?.Frozen ?? []).Concat(recipe.Parameters?.FrozenNorms ?? [])
            .Concat(recipe.Inherited ?? []).Append(recipe.Initial!.Module);
        Assert.All(paths, path => TapSet.Find(student, path));
    }

    // docs/method.md, 2.1 and 2.2.
    [Theory]
    [InlineData("coco-faster-rcnn-r50", 0.02, 5e-7, 0.45, 4)]
    [InlineData("coco-mask-rcnn-r50", 0.02, 5e-7, 0.45, 4)]
    [InlineData("coco-retinanet-r50", 0.01, 2e-5, 0.65, 5)]
    public void COCOs_protocol_is_the_one_that_is_published(string name, double rate, double alpha, double ratio, int levels)
    {
        foreach (var recipe in new[] { "", "-mgd", "-mlp" }.Select(end => NamedRecipes.Find(name + end).Recipe))
        {
            Assert.Equal(new Sgd(rate, 0.9, 1e-4), recipe.Optimizer);
            var warm = Assert.IsType<WarmUp>(recipe.Schedule);
            Assert.Equal((500, 0.001), (warm.Steps, warm.Start));
            Assert.Equal([16, 22], Assert.IsType<MultiStep>(warm.Then).Epochs);
            Assert.Equal((24, 16), (recipe.Epochs, recipe.BatchSize));
            Assert.Equal(new ShortSide(), recipe.Augmentation);
            Assert.Equal(new DetectionSpec(name.Contains("mask"), 800, 1333), recipe.Task);
            Assert.Equal(recipe.Distils ? 35 : null, recipe.ClipNorm);
            Assert.Equal(
                recipe.Distils && name.Contains("retina") ? ["backbone.fpn", "head"] : Array.Empty<string>(), recipe.Inherited ?? []);
            Assert.Equal(recipe.Distils ? levels : 0, recipe.Connections.Count);
            Assert.All(recipe.Connections, connection =>
            {
                Assert.Equal(alpha, connection.Alpha);
                Assert.Equal(new L2Loss(Reduction.SumPerBatch), connection.Loss);
                Assert.Equal(
                    recipe.Method == "mgd" ? new MaskedGenerative(ratio, MaskKind.Spatial) : new ChannelMlp(), connection.Aligner);
            });
        }
    }

    [Fact]
    public void What_only_the_template_says_is_not_called_confirmed()
    {
        var paper = NamedRecipes.Find("coco-faster-rcnn-r50-mlp");
        Assert.Equal(Standing.Template, paper.Fields.Single(field => field.Field == "connections[*].alpha").Standing);
        Assert.Equal(
            ["connections[*].aligner.depth", "connections[*].aligner.kind"],
            paper.Fields.Where(field => field.Standing == Standing.Confirmed).Select(field => field.Field).Order());
        Assert.NotEmpty(paper.Unknown);

        var template = NamedRecipes.Find("coco-faster-rcnn-r50-mgd").Fields;
        Assert.Equal("5E-07", template.Single(field => field.Field == "connections[*].alpha").Value);
        Assert.Equal(Standing.Confirmed, template.Single(field => field.Field == "connections[*].alpha").Standing);
        Assert.Equal(Standing.Ours, template.Single(field => field.Field == "parameters.frozenNorms").Standing);
    }

    [Fact]
    public void A_name_that_is_not_known_is_refused_with_the_nearest() => Assert.Contains(
        "nearest is 'coco-mask-rcnn-r50'", Assert.Throws<KdException>(() => NamedRecipes.Find("coco-mask-rcnn-50")).Message);

    private static JsonObject Fields(Recipe recipe) => JsonNode.Parse(RecipeJson.Write(recipe))!.AsObject();

    private static IModelSpec Small(IModelSpec spec) => spec switch
    {
        FasterRcnnSpec faster => faster with { Width = 8, Channels = 8, HeadWidth = 8, MaskWidth = 8, Groups = 1, GroupWidth = 64 },
        RetinaNetSpec retina => retina with { Width = 8, Channels = 8, Groups = 1, GroupWidth = 64 },
        SegmenterSpec segmenter => segmenter with { Width = 8 },
        _ => spec,
    };
}
