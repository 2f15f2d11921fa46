using KdNotebooks.Analysis;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Analysis;

[Collection(TorchState.Name)]
public sealed class CkaTableTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    [Fact]
    public void Each_stage_and_the_output_are_compared_where_nothing_is_asked_for()
    {
        var table = runs.Open("mlp-1").Cka(new CkaOptions(Images: 30));

        Assert.Equal(["layer1", "layer2", "layer3", ""], table.StudentPaths);
        Assert.Equal(table.StudentPaths, table.TeacherPaths);
        Assert.All(table.Values.Cast<double>(), value => Assert.InRange(value, 0, 1));
        Assert.Equal(30, table.Images);
    }

    [Fact]
    public void A_model_compared_with_itself_has_ones_on_the_diagonal()
    {
        var run = runs.Open("none");
        var itself = new TeacherSpec(Path.Combine(run.Folder, "last.safetensors"));

        var table = run.Cka(new CkaOptions(["layer2", "fc"], ["layer2", "fc"], itself, Images: 30));

        Assert.Equal(1, table.Values[0, 0], 6);
        Assert.Equal(1, table.Values[1, 1], 6);
        Assert.Equal(table.Values[0, 1], table.Values[1, 0], 6);
    }

    [Fact]
    public void A_student_that_learned_alone_needs_a_teacher_to_be_named() => Assert.Contains(
        "its student learned alone", Assert.Throws<KdException>(() => runs.Open("none").Cka()).Message);

    [Fact]
    public void A_path_that_is_not_there_is_named_with_the_nearest() => Assert.Contains(
        "the nearest is 'layer3'",
        Assert.Throws<KdException>(() => runs.Open("mlp-1").Cka(new CkaOptions(["layer33"]))).Message);
}
