using System.Text.Json;
using System.Text.Json.Serialization;
using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Tests.Runs;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Recipes;

/// <summary>
/// .NET Interactive hands a value from cell to command by writing all its public getters as JSON: none may throw, lead
/// back to itself or give what JSON cannot hold. (It reads nothing back: the command takes the value itself.)
/// </summary>
public sealed class PlainJsonTests
{
    private static readonly JsonSerializerOptions AsTheyStand = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private static readonly OwnLoss Loss = new("plain-loss", (student, teacher) => (student - teacher.detach()).abs().mean());

    private static readonly OwnAligner Wide = new("plain-aligner", (ours, theirs) => torch.nn.Conv2d(ours, theirs, 1));

    public static TheoryData<string, object> Values => new()
    {
        { "alone", Trials.Alone() },
        { "distilled", Trials.Three()[2] },
        { "reviewed", Trials.Reviewed("review") },
        {
            "segmentation", Trials.Alone() with
            {
                Data = new DataSpec("fashion-scenes"),
                Task = new SegmentationSpec(),
                Student = new SegmenterSpec(Width: 8),
                Augmentation = new ResizedCrop(64, 64),
            }
        },
        {
            "a chain", Trials.Alone() with { Augmentation = new Chain([new PaddedCrop(), new Chain([new PaddedCrop(1)])]) }
        },
        {
            "readers' parts", Trials.Alone() with
            {
                Teacher = new TeacherSpec("fashion-teacher"),
                Connections =
                [
                    new("layer3", "layer3", Wide, Loss, 1),
                ],
                Schedule = new OwnSchedule("plain-schedule", (_, _, _) => 1),
            }
        },
        { "a loss", Loss },
        { "a model", new OwnModel("plain-model", (channels, classes) => torch.nn.Linear(channels, classes)) },
    };

    [Theory]
    [MemberData(nameof(Values), DisableDiscoveryEnumeration = true)]
    public void A_value_is_written_as_it_stands(string what, object value) =>
        Assert.True(JsonSerializer.Serialize(value, AsTheyStand).Length > 2, what);

    [Fact]
    public void So_is_what_came_out()
    {
        using var folder = new TemporaryFolder();
        var result = Trials.Run(folder.Path, Trials.Alone() with { Epochs = 1, Augmentation = new PaddedCrop(Views: 1) });
        Assert.Contains("\"none\"", JsonSerializer.Serialize((object)result, AsTheyStand), StringComparison.Ordinal);
    }
}
