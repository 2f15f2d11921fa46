using System.Text;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Teachers;
using KdNotebooks.Tests.Runs;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Teachers;

public sealed class TrainedModelTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_package_has_the_fashion_teacher_with_the_recipe_that_stands_beside_it()
    {
        Assert.Contains("fashion-teacher", TrainedModel.Packaged);
        var teacher = TrainedModel.Load("fashion-teacher");
        using var file = SafeTensorsFile.Open(teacher.Path);
        var beside = File.ReadAllText(Source("fashion-teacher.recipe.json"));

        Assert.Equal(beside.TrimEnd('\n'), file.Metadata["recipe"]);
        Assert.Equal(RecipeJson.Read(beside), teacher.Recipe);
        Assert.Equal(("fashion-teacher", 1, 10), (teacher.Name, teacher.Channels, teacher.Classes));
        Assert.Equal(new ResNetSpec(14, 24), teacher.Spec);
        Assert.Equal(Sha256.OfFile(Source("fashion-teacher.safetensors")), teacher.Fingerprint);
    }

    [Fact]
    public void Every_packaged_model_is_small_and_can_be_built() => Assert.All(TrainedModel.Packaged, name =>
    {
        var trained = TrainedModel.Load(name);
        using var model = trained.Build().Root;
        Assert.InRange(new FileInfo(trained.Path).Length, 1, 6_000_000);
        Assert.False(model.training);
        Assert.Equal(trained.Recipe, RecipeJson.Read(File.ReadAllText(Source($"{name}.recipe.json"))));
    });

    [Fact]
    public void A_model_comes_back_with_its_weights()
    {
        var recipe = Trials.Alone() with { Student = new ResNetSpec(8, 2) };
        using var model = recipe.Student.Build(3, 5);
        TrainedModel.Save(Path, model, recipe, 3, 5);

        var back = TrainedModel.Load(Path);

        using var built = back.Build().Root;
        Assert.Equal(StateDict.Fingerprint(model), StateDict.Fingerprint(built));
        Assert.Equal(
            new TrainedModel("model", recipe.Student, 3, 5, recipe, Path, Sha256.OfFile(Path)), back);
    }

    [Theory]
    [InlineData("channels", null, "the metadata has no 'channels'")]
    [InlineData("classes", null, "the metadata has no 'classes'")]
    [InlineData("recipe", null, "the metadata has no 'recipe'")]
    [InlineData("channels", "-1", "metadata 'channels' is '-1'; expected a number from 1 to 100000")]
    [InlineData("classes", "9999999999999", "expected a number from 1 to 100000")]
    [InlineData("classes", "ten", "metadata 'classes' is 'ten'")]
    [InlineData("recipe", "{\"epochz\": 1}", "'epochz'")]
    public void Metadata_that_is_missing_or_wrong_is_refused_with_the_file_s_name(
        string key, string? value, string message)
    {
        var metadata = new Dictionary<string, string>
        {
            ["channels"] = "1",
            ["classes"] = "10",
            ["recipe"] = RecipeJson.Write(Trials.Alone()),
        };
        metadata.Remove(key);
        if (value is not null)
        {
            metadata[key] = value;
        }

        SafeTensors.Write(Path, new Dictionary<string, Tensor>(), metadata);

        var error = Assert.Throws<KdException>(() => TrainedModel.Load(Path));
        Assert.StartsWith($"{Path}: ", error.Message);
        Assert.Contains(message, error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("fashion-techer")]
    [InlineData("/")]
    public void A_name_that_is_neither_packaged_nor_a_file_is_refused(string name) => Assert.Equal(
        $"Trained model '{name}' is neither in the package (fashion-teacher, scenes-teacher, things-teacher) nor a file.",
        Assert.Throws<KdException>(() => TrainedModel.Load(name)).Message);

    [Fact]
    public void A_file_that_is_no_safetensors_is_refused_by_name()
    {
        File.WriteAllBytes(Path, Encoding.UTF8.GetBytes("PK a zip, a pickle or anything else"));

        Assert.Contains(Path, Assert.Throws<KdException>(() => TrainedModel.Load(Path)).Message);
    }

    [Fact]
    public void Weights_of_another_shape_than_the_recipe_s_are_refused()
    {
        using var model = new ResNetSpec(8, 2).Build(1, 10);
        TrainedModel.Save(Path, model, Trials.Alone(), 1, 10);

        Assert.Contains("conv1.weight", Assert.Throws<KdException>(() => TrainedModel.Load(Path).Build()).Message);
    }

    private string Path => folder.File("model.safetensors");

    private static string Source(string name)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(root, "KdNotebooks.sln")))
        {
            root = System.IO.Path.GetDirectoryName(root)!;
        }

        return System.IO.Path.Combine(root, "core", "KdNotebooks.Core", "Teachers", "Pretrained", name);
    }
}
