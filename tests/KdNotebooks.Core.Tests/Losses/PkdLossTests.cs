using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Losses;

public sealed class PkdLossTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void It_gives_the_reference_implementations_numbers() =>
        Golden.Check("pkd", new PkdLoss().Compute, Golden.StudentMap(), Golden.TeacherMap());

    [Theory]
    [InlineData(2, 3, 4, 4)]
    [InlineData(1, 2, 3, 7)]
    [InlineData(5, 4, 1, 1)]
    public void It_is_half_the_squared_difference_of_standardized_channels(long n, long c, long h, long w)
    {
        var (student, teacher) = (Wave.Of([n, c, h, w]), Wave.Of([n, c, h, w], 0.9));
        Assert.Equal(Expected(Plain.Map(student), teacher), Value(student, teacher), 1e-13);
    }

    // Of n numbers: (1 - r) (n - 1) / n, but for the 1e-6 beside the deviation.
    [Fact]
    public void It_is_one_minus_the_correlation()
    {
        var (student, teacher) = (Wave.Of([2, 1, 3, 4]), Wave.Of([2, 1, 3, 4], 0.9));
        var both = torch.stack([student.flatten(), teacher.flatten()]);
        Assert.Equal((1 - both.corrcoef()[0, 1].ToDouble()) * 23 / 24, Value(student, teacher), 1e-5);
    }

    [Theory]
    [InlineData(3, 4, 5, 5)]
    [InlineData(8, 8, 4, 4)]
    [InlineData(4, 4, 4, 6)] // one height, other widths
    public void A_students_map_of_another_size_is_interpolated_to_the_teachers(long h, long w, int toH, int toW)
    {
        var (student, teacher) = (Wave.Of([2, 3, h, w]), Wave.Of([2, 3, toH, toW], 0.9));
        Assert.Equal(Expected(Bilinear(student, toH, toW), teacher), Value(student, teacher), 1e-12);
    }

    [Fact]
    public void It_holds_what_every_loss_holds()
    {
        LossChecks.HoldsForMaps(new PkdLoss().Compute);
        LossChecks.EqualInputsLoseNothing(new PkdLoss().Compute, Golden.TeacherMap());
    }

    [Fact]
    public void The_gradient_goes_through_the_interpolation()
    {
        Func<Tensor, Tensor, Tensor> loss = new PkdLoss().Compute;
        LossChecks.GradientIsTheSlope(loss, Wave.Of([2, 3, 2, 3]), Wave.Of([2, 3, 4, 4], 0.9));
        LossChecks.OneTensorComesOut(loss, Wave.Of([2, 3, 2, 3]), Wave.Of([2, 3, 4, 4], 0.9));
        LossChecks.HalfPrecisionIsNear(loss, Wave.Of([2, 3, 6, 6]), Wave.Of([2, 3, 4, 4], 0.9), 0.01);
    }

    [Fact]
    public void A_positive_affine_map_of_a_channel_does_not_matter()
    {
        var (loss, student, teacher) = (new PkdLoss(), Golden.StudentMap(), Golden.TeacherMap());
        var scale = torch.tensor(new[] { 3.0, 0.5, 1, 700, 2, 10 }).view(1, 6, 1, 1);
        var expected = loss.Compute(student, teacher);
        TensorAssert.Near(expected, loss.Compute((student * scale) + scale.flip(1), teacher), 1e-5);
        TensorAssert.Near(expected, loss.Compute(student, (teacher * scale) + scale.flip(1)), 1e-5);
        TensorAssert.Differ(expected, loss.Compute(student * -scale, teacher));
    }

    [Fact]
    public void A_channel_that_is_the_same_everywhere_stays_finite()
    {
        var (student, teacher) = (torch.zeros(4, 6, 5, 5), Wave.Single(4, 6, 5, 5));
        LossChecks.StaysFinite(new PkdLoss().Compute, student, teacher);
        // Half the teacher's mean square, which is 99/100 of its unbiased variance.
        Assert.Equal(0.5 * 99 / 100, new PkdLoss().Compute(student, teacher).ToDouble(), 1e-4);
    }

    [Fact]
    public void One_number_in_a_channel_is_refused() => LossChecks.Refuses(
        () => new PkdLoss().Compute(torch.zeros(1, 3, 2, 2), torch.zeros(1, 3, 1, 1)),
        "PkdLoss: teacher [1, 3, 1, 1] has one number in each channel");

    [Theory]
    [InlineData(new long[] { 2, 3, 4, 4 }, new long[] { 2, 6, 4, 4 })]
    [InlineData(new long[] { 2, 3, 4, 4 }, new long[] { 3, 3, 4, 4 })]
    [InlineData(new long[] { 2, 3 }, new long[] { 2, 3 })]
    public void What_has_other_channels_or_is_no_map_is_refused(long[] student, long[] teacher) =>
        LossChecks.RefusesShapes(new PkdLoss(), student, teacher);

    [Fact]
    public void Its_name_is_pkd() =>
        Assert.Equal(("pkd", MapFit.SameChannels), (new PkdLoss().Name, new PkdLoss().Fit));

    private static double Value(Tensor student, Tensor teacher) =>
        new PkdLoss().Compute(student, teacher).ToDouble();

    private static double Expected(double[,,,] student, Tensor teacher)
    {
        var theirs = Plain.Map(teacher);
        return Plain.Range(teacher, 1).Average(c =>
        {
            var places = (from n in Plain.Range(teacher, 0) from at in Plain.Positions(teacher) select (n, at.Y, at.X))
                .ToList();
            return Standardized(student).Zip(Standardized(theirs), (s, t) => (s - t) * (s - t)).Average() / 2;

            double[] Standardized(double[,,,] map)
            {
                var numbers = places.Select(at => map[at.n, c, at.Y, at.X]).ToArray();
                var mean = numbers.Average();
                var deviation = Math.Sqrt(numbers.Sum(x => (x - mean) * (x - mean)) / (numbers.Length - 1));
                return [.. numbers.Select(x => (x - mean) / (deviation + 1e-6))];
            }
        });
    }

    // Half-pixel centres, clamped at the edges.
    private static double[,,,] Bilinear(Tensor map, int height, int width)
    {
        var (numbers, result) = (Plain.Map(map), new double[map.shape[0], map.shape[1], height, width]);
        var (h, w) = ((int)map.shape[2], (int)map.shape[3]);
        foreach (var (n, c) in from n in Plain.Range(map, 0) from c in Plain.Range(map, 1) select (n, c))
        {
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    var (top, bottom, down) = Between(y, h, height);
                    var (left, right, along) = Between(x, w, width);
                    double Row(int v) => (numbers[n, c, v, left] * (1 - along)) + (numbers[n, c, v, right] * along);
                    result[n, c, y, x] = (Row(top) * (1 - down)) + (Row(bottom) * down);
                }
            }
        }

        return result;

        static (int From, int To, double Share) Between(int i, int size, int wanted)
        {
            var at = Math.Max(0, ((i + 0.5) * size / wanted) - 0.5);
            return ((int)at, Math.Min((int)at + 1, size - 1), at - (int)at);
        }
    }
}
