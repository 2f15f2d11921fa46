using System.Text.Json.Nodes;
using KdNotebooks.Aligners;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Runs;

[Collection(TorchState.Name)]
public sealed class FurtherTeacherTests : IDisposable
{
    private static readonly Connection Attention = new("layer2", "layer2", new Identity(), new AtLoss(), 100);

    private static readonly Recipe One = Trials.Alone() with
    {
        Method = "one",
        Teacher = new TeacherSpec("fashion-teacher"),
        Connections = [Attention],
    };

    // The same teacher again, at half of what the first gives: a sum that is known.
    private static readonly Recipe Two = One with
    {
        Method = "two",
        FurtherTeachers =
        [
            new FurtherTeacher(new TeacherSpec("fashion-teacher", TeacherSource.Memory), 0.5)
            {
                Connections = [Attention],
                Logits = new LogitConnection(new KdLoss(), 0.5),
            },
        ],
    };

    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void Each_teacher_has_terms_of_its_own_at_its_weight()
    {
        var run = Run("a", Two).Runs[0];
        var losses = run.Epochs[0].Losses;
        Assert.Equal(
            ["layer2 at", "task", "teacher 2: layer2 at", "teacher 2: logits kd", "total"], losses.Keys.Order());
        Assert.Equal(losses["layer2 at"] / 2, losses["teacher 2: layer2 at"], losses["layer2 at"] * 1e-3);
        var said = JsonNode.Parse(File.ReadAllText(Path.Combine(run.Folder, "manifest.json")))!;
        Assert.Equal((string)said["teacher"]!["fingerprint"]!, (string)said["furtherTeachers"]![0]!["fingerprint"]!);
        Assert.NotNull(said["furtherTeachers"]![0]!["validationAccuracy"]);
    }

    [Fact]
    public void A_student_of_two_teachers_is_the_same_alone_in_a_cohort_and_again()
    {
        var aligned = Two with
        {
            Method = "aligned",
            FurtherTeachers = [Two.FurtherTeachers![0] with { Connections = [new("layer3", "layer3", new ChannelMlp(), new L2Loss(), 2)] }],
        };
        var only = aligned with { Method = "only", Teacher = null, Connections = [] };
        var cohort = Run("a", One, aligned, Trials.Alone(), only);
        foreach (var (recipe, i) in new[] { One, aligned, Trials.Alone(), only }.Select((recipe, i) => (recipe, i)))
        {
            var alone = Run($"b{i}", recipe).Runs[0];
            foreach (var file in new[] { "last.safetensors", "best.safetensors", "aligners.safetensors", "metrics.jsonl" })
            {
                Assert.Equal(
                    File.ReadAllBytes(Path.Combine(alone.Folder, file)),
                    File.ReadAllBytes(Path.Combine(cohort.Runs[i].Folder, file)));
            }
        }
    }

    [Fact]
    public void Live_or_cached_a_further_teacher_says_the_same()
    {
        var live = Two with
        {
            FurtherTeachers = [Two.FurtherTeachers![0] with { Teacher = new TeacherSpec("fashion-teacher") }],
        };
        Assert.Equal(
            TrainingOptionsTests.Tensors(Run("a", Two).Runs[0], "last"),
            TrainingOptionsTests.Tensors(Run("b", live).Runs[0], "last"));
    }

    [Fact]
    public void A_further_teacher_is_checked_as_the_first_is()
    {
        var rgb = Trials.Blank(root.File("rgb.safetensors"), channels: 3);
        var blank = Trials.Blank(root.File("blank.safetensors"));
        Refused("'rgb' takes 3 channels", With(new TeacherSpec(rgb)));
        Refused("'blank' reaches", With(new TeacherSpec(blank)));
        Refused("nothing is held to the further teacher 'fashion-teacher'", Two with
        {
            FurtherTeachers = [new FurtherTeacher(new TeacherSpec("fashion-teacher"))],
        });
        Refused("layer9", Two with
        {
            FurtherTeachers = [Two.FurtherTeachers![0] with { Connections = [Attention with { Teacher = "layer9" }] }],
        });
        Assert.Contains(
            "Further teacher: weight is -1", Assert.Throws<KdException>(() => new FurtherTeacher(new("x"), -1)).Message);
    }

    [Fact]
    public void The_student_alone_has_no_teacher_left()
    {
        Assert.True(Two.Distils);
        Assert.False(Two.Alone().Distils);
        Assert.Null(Two.Alone().FurtherTeachers);
        Assert.Equal(Two, RecipeJson.Read(RecipeJson.Write(Two)));
    }

    private static Recipe With(TeacherSpec teacher) =>
        Two with { FurtherTeachers = [Two.FurtherTeachers![0] with { Teacher = teacher }] };

    private void Refused(string why, Recipe recipe) =>
        Assert.Contains(why, Assert.Throws<KdException>(() => Run("refused", recipe)).Message);

    private ExperimentResult Run(string folder, params Recipe[] recipes) => Trials.Run(root.File(folder), recipes);
}
