using KdNotebooks.Analysis;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Analysis;

[Collection(TorchState.Name)]
public sealed class ImageMapsTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    [Fact]
    public void The_transformed_map_has_the_teachers_shape_and_the_students_own_has_not()
    {
        var run = runs.Open("mlp-1");
        var maps = run.Maps(3);

        var at = Assert.Single(maps.Connections);
        Assert.Equal("layer3 mlp-1 l2", at.Connection);
        Assert.Equal("[96, 7, 7]", at.Teacher.Shape);
        Assert.Equal("[32, 7, 7]", at.Student.Shape);
        Assert.True(at.Transformed.FitsOn(at.Teacher));
        var sample = run.Task.Data.Test!.Load(3);
        Assert.Equal(run.Task.Data.ClassNames[((ClassIndex)sample.Target).Index], maps.Label);
        Assert.Equal(sample.Pixels.ToArray(), maps.Image.Pixels);
    }

    [Fact]
    public void The_aligners_weights_are_those_of_the_run()
    {
        var run = runs.Open("mlp-1");
        var folder = Directory.CreateDirectory(runs.Temporary("zero")).FullName;
        foreach (var file in Directory.GetFiles(run.Folder))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        using var scope = torch.NewDisposeScope();
        using var aligners = SafeTensorsFile.Open(Path.Combine(run.Folder, "aligners.safetensors"));
        SafeTensors.Write(
            Path.Combine(folder, "aligners.safetensors"),
            aligners.Tensors.Values.ToDictionary(tensor => tensor.Name, tensor => torch.zeros([.. tensor.Shape])));

        Assert.All(TrainedRun.Open(folder).Maps(0).Connections[0].Transformed.Values, value => Assert.Equal(0, value));
        Assert.Contains(run.Maps(0).Connections[0].Transformed.Values, value => value != 0);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(-1)]
    public void An_image_that_there_is_not_is_refused(int index) => Assert.Contains(
        "the 50 test images are 0 to 49",
        Assert.Throws<KdException>(() => runs.Open("mlp-1").Maps(index)).Message);

    [Theory]
    [InlineData("none", "its student learned alone")]
    [InlineData("kd", "held to the teacher's logits alone")]
    [InlineData("review", "its stages are fused")]
    public void A_run_without_a_connection_is_refused_with_the_reason(string method, string reason) =>
        Assert.Contains(reason, Assert.Throws<KdException>(() => runs.Open(method).Maps(0)).Message);
}
