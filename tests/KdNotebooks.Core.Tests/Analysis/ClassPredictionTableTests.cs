using KdNotebooks.Analysis;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Tests.Analysis;

/// <summary>A table of predictions is not for scenes alone.</summary>
[Collection(TorchState.Name)]
public sealed class ClassPredictionTableTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    [Fact]
    public void Each_run_s_class_stands_beside_the_true_one_after_the_teacher_s()
    {
        TrainedRun[] opened = [runs.Open("none"), runs.Open("mlp-1")];

        var seen = PredictionTable.Of(opened, [7, 0], teacher: new TeacherSpec("fashion-teacher"));

        Assert.Equal(["teacher fashion-teacher", "none, seed 1", "mlp-1, seed 1"], seen.Models);
        Assert.Equal([7, 0], seen.Images.Select(image => image.Index));
        for (var i = 0; i < opened.Length; i++)
        {
            Assert.Equal(
                opened[i].Predict(images: [7, 0]).Items.Cast<ClassPrediction>(),
                seen.Images.Select(image => (ClassPrediction)image.Guesses[i + 1]));
        }

        var truth = opened[0].Task.Data.ClassNames[((ClassIndex)seen.Images[0].Truth.Target).Index];
        Assert.Contains(truth, seen.ToString());
        Assert.Contains("image 7", seen.ToString());
    }

    [Fact]
    public void A_teacher_of_other_images_is_refused() => Assert.Contains(
        "Teacher 'scenes-teacher' takes 3 channels and gives 11 classes",
        Assert.Throws<KdException>(() => PredictionTable.Of(
            [runs.Open("none")], [0], teacher: new TeacherSpec("scenes-teacher"))).Message);
}
