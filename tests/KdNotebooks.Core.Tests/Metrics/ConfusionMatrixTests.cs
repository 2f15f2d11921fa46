using KdNotebooks.Metrics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Metrics;

public sealed class ConfusionMatrixTests
{
    private static readonly string[] Names = ["coat", "bag", "boot"];

    [Fact]
    public void Rows_are_true_classes_and_columns_predicted_ones()
    {
        var matrix = ConfusionMatrix.Of(Names, [0, 0, 0, 1], [0, 1, 1, 1]);

        Assert.Equal(2, matrix[0, 1]);
        Assert.Equal(0, matrix[1, 0]);
        Assert.Equal(4, matrix.Total);
        Assert.Equal(50, matrix.Accuracy);
        Assert.Equal(100.0 / 3, matrix.ClassAccuracy(0), 10);
    }

    [Fact]
    public void A_class_without_images_has_no_accuracy() =>
        Assert.True(double.IsNaN(ConfusionMatrix.Of(Names, [0], [0]).ClassAccuracy(2)));

    [Fact]
    public void Batches_add_up_to_what_all_images_give()
    {
        int[] labels = [0, 1, 2, 2, 1, 0, 0], predictions = [0, 2, 2, 1, 1, 1, 0];

        var whole = ConfusionMatrix.Of(Names, labels, predictions);
        var parts = new ConfusionMatrix(Names).Plus(ConfusionMatrix.Of(Names, labels[..3], predictions[..3]))
            .Plus(ConfusionMatrix.Of(Names, labels[3..], predictions[3..]));

        Assert.Equal(whole.ToString(), parts.ToString());
        Assert.Equal(7, parts.Total);
    }

    [Fact]
    public void An_index_without_a_class_is_refused() => Assert.Contains(
        "prediction 3 came, but the 3 classes are 0 to 2",
        Assert.Throws<KdException>(() => ConfusionMatrix.Of(Names, [0], [3])).Message);

    [Fact]
    public void Labels_without_predictions_are_refused() =>
        Assert.Throws<KdException>(() => ConfusionMatrix.Of(Names, [0, 1], [0]));

    [Fact]
    public void Matrices_of_other_classes_do_not_add_up() =>
        Assert.Throws<KdException>(() => new ConfusionMatrix(Names).Plus(new ConfusionMatrix(["a", "b", "c"])));
}
