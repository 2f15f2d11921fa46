using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;

namespace KdNotebooks.Tests.Runs;

public sealed class CohortStreamTests
{
    [Fact]
    public void Methods_that_see_the_same_images_go_together_by_seed()
    {
        Recipe[] recipes =
        [
            Alone(2), Distilled("a", 2), Distilled("b", 2), Alone(1), Distilled("a", 1), Distilled("b", 1),
        ];

        var cohorts = CohortStream.Cohorts(recipes).ToList();

        Assert.Equal([1, 2], cohorts.Select(cohort => cohort.Stream.Seed));
        Assert.All(cohorts, cohort => Assert.Equal(["none", "a", "b"], cohort.Members.Select(member => member.Method)));
    }

    [Fact]
    public void Whatever_changes_the_images_or_the_steps_makes_another_cohort()
    {
        var one = Distilled("a");
        Recipe[] others =
        [
            one with { Seed = 2 },
            one with { Epochs = 9 },
            one with { BatchSize = 9 },
            one with { Device = "cpu" },
            one with { Augmentation = new PaddedCrop(1) },
            one with { Augmentation = new PaddedCrop(Seed: 5) },
            one with { Data = one.Data with { Train = 10 } },
            one with { Teacher = new("other") },
            one with { Teacher = one.Teacher! with { Source = TeacherSource.Memory } },
        ];

        Assert.All(others, other => Assert.Equal(2, CohortStream.Cohorts([one, other]).Count()));
    }

    [Fact]
    public void What_is_a_student_s_own_does_not_part_it_from_the_others()
    {
        var one = Distilled("a");
        Recipe[] others =
        [
            one with { Method = "b" },
            one with { Student = new ResNetSpec(14, 4) },
            one with { Optimizer = new KdNotebooks.Training.AdamW() },
            one with { Schedule = new KdNotebooks.Training.Constant() },
            one with { ClipNorm = 1 },
            one with { Fused = new([new("a", "b"), new("c", "d")], new L2Loss(), 1) },
            one with { Connections = [one.Connections[0] with { Alpha = 9 }] },
        ];

        Assert.Single(CohortStream.Cohorts([one, .. others]));
    }

    [Fact]
    public void A_student_alone_goes_with_the_first_teacher_whatever_teacher_it_names()
    {
        Recipe[] recipes =
        [
            Alone(), Distilled("a"), Distilled("b") with { Teacher = new("other") },
            Alone() with { Method = "named", Teacher = new("other") },
        ];

        var cohorts = CohortStream.Cohorts(recipes).ToList();

        Assert.Equal([new("t"), new TeacherSpec("other")], cohorts.Select(cohort => cohort.Stream.Teacher));
        Assert.Equal(["none", "a", "named"], cohorts[0].Members.Select(member => member.Method));
        Assert.Equal(["b"], cohorts[1].Members.Select(member => member.Method));
    }

    [Fact]
    public void Without_distillation_there_is_no_teacher()
    {
        Recipe[] recipes = [Alone(), Alone() with { Teacher = new("t"), Method = "b" }];

        Assert.Null(Assert.Single(CohortStream.Cohorts(recipes)).Stream.Teacher);
    }

    private static Recipe Alone(int seed = 1) =>
        new() { Method = "none", Data = new("d"), Student = new ResNetSpec(), Seed = seed };

    private static Recipe Distilled(string method, int seed = 1) => Alone(seed) with
    {
        Method = method,
        Teacher = new("t"),
        Connections = [new("layer3", "layer3", new Linear(), new L2Loss(), 1)],
    };
}
