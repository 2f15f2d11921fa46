using KdNotebooks.Runtime;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Training;

public sealed class ScheduleTests
{
    [Fact]
    public void A_constant_is_one() => Assert.Equal([1, 1], Factors(new Constant(), 0, 99));

    // python3: 0.1 + 0.9 * (1 + math.cos(math.pi * t / 100)) / 2, as CosineAnnealingLR(T_max=100, eta_min=0.1).
    [Fact]
    public void A_cosine_falls_to_its_floor_as_pytorchs() => Close(
        [1, 0.998002884071386, 0.8681980515339464, 0.55, 0.10022204783542078], new Cosine(0.1), 0, 3, 25, 50, 99);

    [Fact]
    public void A_cosine_without_floor_is_half_way_at_half_time_and_never_quite_zero()
    {
        Close([1, 0.5], new Cosine(), 0, 50);
        Assert.InRange(new Cosine().Factor(99, 100, 10), 1e-9, 1e-3);
    }

    // As MultiStepLR(milestones=[3, 6], gamma=0.1), stepped once an epoch: epochs of 10 steps.
    [Fact]
    public void Multi_step_falls_with_the_first_step_after_each_named_epoch() => Close(
        [1, 1, 0.1, 0.1, 0.01, 0.01], new MultiStep([3, 6]), 0, 29, 30, 59, 60, 99);

    [Fact]
    public void Multi_step_counts_an_epoch_named_twice_twice_as_pytorch_does() => Close(
        [1, 0.25], new MultiStep([5, 5], 0.5), 49, 50);

    // python3: (1 - t / 100) ** 0.9, as PolynomialLR(total_iters=100, power=0.9) of rate 1; the floor is mmcv's min_lr.
    [Fact]
    public void A_polynomial_falls_to_its_floor() => Close(
        [1, 0.7718895067235705, 0.5358867312681466, 0.05, 0.05], new Polynomial(Floor: 0.05), 0, 25, 50, 97, 99);

    [Fact]
    public void A_polynomial_of_power_one_is_a_line() => Close([1, 0.75, 0.01], new Polynomial(1), 0, 25, 99);

    // As LinearLR(start_factor=0.001, total_iters=20) chained with MultiStepLR, stepped each iteration.
    [Fact]
    public void A_warm_up_rises_in_a_line_into_its_schedule() => Close(
        [0.001, 0.05095, 0.5005, 0.95005, 1, 1, 0.1], new WarmUp(20, new MultiStep([3])), 0, 1, 10, 19, 20, 29, 30);

    [Fact]
    public void A_warm_up_multiplies_a_schedule_that_already_falls() => Close(
        [0.2, 0.6 * 0.9, 0.8], new WarmUp(20, new Polynomial(1), Start: 0.2), 0, 10, 20);

    [Fact]
    public void A_warm_up_of_no_steps_is_its_schedule() => Close([1, 0.5], new WarmUp(0, new Cosine()), 0, 50);

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        Refused("Cosine: floor -0.1 came; expected 0 to 1", () => new Cosine(-0.1));
        Refused("Cosine: floor 1.1", () => new Cosine() with { Floor = 1.1 });
        Refused("Cosine: floor NaN", () => new Cosine(double.NaN));
        Refused("MultiStep: epochs [3, 0] came; they are counted from 1", () => new MultiStep([3, 0]));
        Refused("MultiStep: gamma 0 came; expected a number greater than 0", () => new MultiStep([3], 0));
        Refused("Polynomial: power -1", () => new Polynomial(-1));
        Refused("Polynomial: floor 2", () => new Polynomial(Floor: 2));
        Refused("WarmUp: -1 steps came; expected 0 (no warm-up) or more", () => new WarmUp(-1, new Constant()));
        Refused("WarmUp: start 1.5", () => new WarmUp(1, new Constant(), 1.5));
    }

    private static void Refused(string message, Func<ISchedule> build) =>
        Assert.StartsWith(message, Assert.Throws<KdException>(build).Message);

    private static void Close(double[] expected, ISchedule schedule, params int[] steps) =>
        Assert.Equal(expected, Factors(schedule, steps), (a, b) => Math.Abs(a - b) <= 1e-12);

    private static double[] Factors(ISchedule schedule, params int[] steps) =>
        [.. steps.Select(step => schedule.Factor(step, 100, 10))];
}
