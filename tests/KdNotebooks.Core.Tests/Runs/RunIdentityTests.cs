using System.Text.RegularExpressions;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;

namespace KdNotebooks.Tests.Runs;

public sealed partial class RunIdentityTests
{
    [Theory]
    [InlineData("mlp-1", "mlp-1-seed7-")]
    [InlineData("", "run-seed7-")]
    [InlineData("a/b\\c", "a_b_c-seed7-")]
    [InlineData("../../etc/passwd", "______etc_passwd-seed7-")]
    [InlineData("..", "__-seed7-")]
    [InlineData("α = 0.5 größer 猫", "____0_5_gr__er__-seed7-")]
    [InlineData("<script>alert('x')</script>", "_script_alert__x____script_-seed7-")]
    [InlineData("a\0b\nc", "a_b_c-seed7-")]
    public void Any_method_s_name_makes_a_safe_file_name(string method, string start)
    {
        var id = Of(method).Id;

        Assert.StartsWith(start, id);
        Assert.Matches(Safe(), id);
        Assert.Equal(id, Path.GetFileName(id));
    }

    [Fact]
    public void A_long_name_is_cut_and_long_names_that_end_differently_stay_apart()
    {
        var (a, b) = (Of(new string('x', 199) + "a").Id, Of(new string('x', 199) + "b").Id);

        Assert.InRange(a.Length, 1, 80);
        Assert.Matches(Safe(), a);
        Assert.NotEqual(a, b);
    }

    [Fact]
    public void Names_that_come_to_the_same_letters_stay_apart() => Assert.NotEqual(Of("a/b").Id, Of("a_b").Id);

    [Fact]
    public void Recipe_data_and_teacher_each_decide_the_hash()
    {
        var one = Of("m");

        RunIdentity[] others =
        [
            one with { Data = "data 2" },
            one with { Teacher = "teacher 2" },
            one with { Teacher = null },
            one with { Recipe = one.Recipe with { Epochs = 99 } },
            one with { Data = "data\nteacher", Teacher = null },
        ];

        Assert.Equal(others.Length + 1, others.Append(one).Select(run => run.Hash).Distinct().Count());
        Assert.Equal(one.Hash, Of("m").Hash);
        Assert.Equal(64, one.Hash.Length);
        Assert.EndsWith($"-{one.Hash[..12]}", one.Id);
    }

    private static RunIdentity Of(string method) => new(
        new Recipe { Method = method, Data = new("d"), Student = new ResNetSpec(), Seed = 7 }, "data", "teacher");

    [GeneratedRegex("^[A-Za-z0-9_-]+$")]
    private static partial Regex Safe();
}
