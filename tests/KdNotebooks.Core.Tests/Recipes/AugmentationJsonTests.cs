using KdNotebooks.Data;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Teachers;

namespace KdNotebooks.Tests.Recipes;

public sealed class AugmentationJsonTests
{
    // What stands in the packaged teacher's file: older than tasks, iterations, folders, and kinds of augmentation.
    private const string Old = """
        {
          "method": "fashion-teacher",
          "data": { "name": "fashion-mnist-mini", "train": null, "validation": null, "test": null },
          "teacher": null,
          "student": { "kind": "resnet", "depth": 14, "width": 24 },
          "connections": [],
          "logits": null,
          "optimizer": {
            "kind": "sgd", "learningRate": 0.1, "momentum": 0.9, "weightDecay": 0.0005, "nesterov": true
          },
          "schedule": { "kind": "cosine", "floor": 0 },
          "epochs": 30,
          "batchSize": 128,
          "clipNorm": null,
          "augmentation": { "flip": true, "seed": 5, "padding": 3, "views": 2 },
          "device": "cpu",
          "seed": 1
        }
        """;

    [Fact]
    public void An_older_recipe_is_read_as_before()
    {
        var recipe = RecipeJson.Read(Old);

        Assert.Equal(new ClassificationSpec(), recipe.Task);
        Assert.Equal(new PaddedCrop(3, true, 2, 5), recipe.Augmentation);
        Assert.Equal(new DataSpec("fashion-mnist-mini"), recipe.Data);
        Assert.Null(recipe.Iterations);
        Assert.Equal((30, 128, new ResNetSpec(14, 24)), (recipe.Epochs, recipe.BatchSize, recipe.Student));
        Assert.Equal(recipe, RecipeJson.Read(RecipeJson.Write(recipe)));
    }

    [Fact]
    public void The_packaged_teacher_s_own_recipe_is_such_a_one()
    {
        var recipe = TrainedModel.Load("fashion-teacher").Recipe;

        Assert.Equal((new ClassificationSpec(), new PaddedCrop()), (recipe.Task, recipe.Augmentation));
    }

    [Fact]
    public void The_kind_may_stand_anywhere()
    {
        Assert.Equal(new ResizedCrop(4, 5), Read("""{ "cropHeight": 4, "kind": "dense", "cropWidth": 5 }"""));
        Assert.Equal(new PaddedCrop(1), Read("""{ "padding": 1, "kind": "crop" }"""));
        Assert.Equal(new ResizedCrop(), Read("""{ "kind": "dense" }"""));
    }

    [Fact]
    public void A_chain_comes_back_with_its_steps_in_order()
    {
        var chain = Read("""{ "kind": "chain", "steps": [{ "kind": "dense", "cropHeight": 4 }, { "padding": 1 }], "views": 3 }""");

        Assert.Equal(new Chain([new ResizedCrop(4), new PaddedCrop(1)], 3), chain);
        var recipe = RecipeJson.Read(Old) with { Augmentation = chain };
        Assert.Equal(chain, RecipeJson.Read(RecipeJson.Write(recipe)).Augmentation);
    }

    // What stands there, and what the message then says.
    [Theory]
    [InlineData("""{ "kind": "dence" }""", "The kind is \"dence\"; expected one of \"chain\", \"crop\", \"dense\",", "$.augm")]
    [InlineData("""{ "kind": 3 }""", "The kind is 3; expected one of \"chain\", \"crop\", \"dense\",", "$.augmentation")]
    [InlineData("""{ "kind": null }""", "The kind is null; expected one of", "$.augmentation")]
    [InlineData("""{ "kind": "dense", "cropHight": 4 }""", "'cropHight'", "$.augmentation.cropHight")]
    [InlineData("""{ "kind": "crop", "cropHeight": 4 }""", "'cropHeight'", "$.augmentation.cropHeight")]
    [InlineData("""{ "cropHeight": 4 }""", "'cropHeight'", "$.augmentation.cropHeight")]
    [InlineData("""{ "kind": "dense", "minRatio": "1" }""", "minRatio", "$.augmentation.minRatio")]
    [InlineData("""{ "kind": "dense", "minRatio": 1e999 }""", "expected a finite one", "$.augmentation.minRatio")]
    [InlineData("""{ "kind": "dense", "flip": null }""", "converted", "$.augmentation.flip")]
    [InlineData("""{ "kind": "dense", "views": 1, "views": 2 }""", "'views'", "$.augmentation")]
    [InlineData("""{ "views": 1, "views": 2 }""", "'views'", "$.augmentation")]
    [InlineData("""{ "kind": "dense", "kind": "dense" }""", "'kind'", "$.augmentation")]
    [InlineData("null", "null", "augmentation")]
    [InlineData("[]", "converted", "$.augmentation")]
    [InlineData("\"dense\"", "converted", "$.augmentation")]
    [InlineData("{ \"kind\": \"dense\",", "", "$.augmentation")]
    public void What_is_wrong_inside_is_named_with_its_place(string text, string what, string where)
    {
        var error = Assert.Throws<KdException>(() => Read(text)).Message;

        Assert.StartsWith("recipe.json: ", error);
        Assert.Contains(what, error);
        Assert.Contains(where, error);
        // Lines are counted from the start of the text, or not told.
        Assert.DoesNotContain("LineNumber: 0", error);
    }

    private static IAugmentation Read(string augmentation) => RecipeJson.Read(
        $$"""
        {
          "method": "m",
          "data": { "name": "d" },
          "student": { "kind": "resnet" },
          "augmentation": {{augmentation}}
        }
        """,
        "recipe.json").Augmentation;
}
