using KdNotebooks.Aligners;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tests.Runs;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Recipes;

public sealed class RecipeEditTests
{
    private static readonly Recipe Two = Trials.Distilled("mlp", new ChannelMlp()) with
    {
        Connections = [new("a", "a", new ChannelMlp(), new L2Loss(), 1), new("b", "c", new Linear(), new L2Loss(), 2)],
        Schedule = new MultiStep([1, 2]),
    };

    [Fact]
    public void A_field_is_changed_at_its_place_and_nothing_else_is()
    {
        Assert.Equal(Two with { Epochs = 3 }, Edit("epochs=3"));
        Assert.Equal(Two with { Optimizer = new Sgd(0.25) }, Edit("optimizer.learningRate=0.25"));
        Assert.Equal(Two with { ClipNorm = 5 }, Edit("clipNorm=5"));
        Assert.Equal(Two with { ClipNorm = null }, RecipeEdit.Apply(Two with { ClipNorm = 5 }, ["clipNorm=null"]));
        Assert.Equal(Two with { Device = "cuda:1" }, Edit("device=cuda:1"));
        Assert.Equal(Two with { Schedule = new MultiStep([30, 60]) }, Edit("schedule.epochs=[30, 60]"));
        Assert.Equal(Two with { Schedule = new MultiStep([30, 60]) }, Edit("schedule.epochs=30,60"));
        Assert.Equal(Two with { Teacher = Two.Teacher! with { Source = TeacherSource.Disk } }, Edit("teacher.source=disk"));
        Assert.Equal(Two with { Data = Two.Data with { Train = null } }, Edit("data.train=null"));
        Assert.Equal([1.0, 7], Edit("connections[1].alpha=7").Connections.Select(connection => connection.Alpha));
        Assert.Equal([9.0, 9], Edit("connections[*].alpha=9").Connections.Select(connection => connection.Alpha));
    }

    [Fact]
    public void A_part_is_another_by_its_word_with_the_words_defaults()
    {
        Assert.Equal(Two with { Optimizer = new AdamW() }, Edit("optimizer=adamw"));
        Assert.Equal(Two with { Optimizer = new AdamW(0.01) }, Edit("optimizer.kind=adamw", "optimizer.learningRate=0.01"));
        Assert.Equal(Two with { Schedule = new WarmUp(5, new Cosine()) }, Edit(
            "schedule={\"kind\": \"warm-up\", \"steps\": 5, \"then\": {\"kind\": \"cosine\"}}"));
        Assert.All(Edit("connections[*].aligner=linear").Connections, connection => Assert.Equal(new Linear(), connection.Aligner));
        Assert.Equal(Two with { Student = new ResNetSpec(8, 4) }, Edit("student=resnet", "student.width=4"));
    }

    [Fact]
    public void What_is_not_there_begins_with_its_defaults()
    {
        Assert.Equal(Two with { Average = new WeightAverage(0.5) }, Edit("average.decay=0.5"));
        Assert.Equal(Two with { EarlyStopping = new EarlyStopping(3) }, Edit("earlyStopping.patience=3"));
        Assert.Equal(Two with { Accumulate = 2 }, Edit("accumulate=2"));
    }

    [Theory]
    [InlineData("epohcs=3", "'epohcs'", "nearest is 'epochs'")]
    [InlineData("optimizer.lr=3", "'optimizer' (sgd) has no field 'lr'", "Known: learningRate, momentum")]
    [InlineData("optimizer.learningrate=3", "nearest is 'learningRate'", "optimizer.learningrate")]
    [InlineData("optimizer=adam", "that is no optimizer", "nearest is 'adamw'")]
    [InlineData("epochs=many", "'epochs' is 'many'", "a whole number")]
    [InlineData("epochs=2.5", "'epochs' is '2.5'", "a whole number")]
    [InlineData("epochs=null", "cannot be null", "epochs")]
    [InlineData("optimizer.nesterov=yes", "true or false", "nesterov")]
    [InlineData("teacher.source=ram", "one of live, memory, disk", "ram")]
    [InlineData("connections[2].alpha=1", "has 2 item(s), 0 to 1", "connections")]
    [InlineData("connections.alpha=1", "is [", "nothing stands below it")]
    [InlineData("optimizer[0]=1", "is one thing and no list", "optimizer")]
    [InlineData("connections[x].alpha=1", "is no place in a recipe", "connections[x]")]
    [InlineData("epochs.days=1", "nothing stands below it", "epochs")]
    [InlineData("epochs", "sets nothing", "field=value")]
    [InlineData("=3", "sets nothing", "field=value")]
    [InlineData("connections[*].alpha=-1", "alpha is -1", "connections[*].alpha=-1")]
    [InlineData("schedule.epochs=[1,", "expected JSON", "schedule.epochs")]
    [InlineData("optimiser.learningRate=1", "no field 'optimiser'", "nearest is 'optimizer'")]
    public void What_is_wrong_is_said_with_its_place_in_one_line(string assignment, params string[] said)
    {
        var error = Assert.Throws<KdException>(() => Edit(assignment)).Message;
        Assert.All(said, part => Assert.Contains(part, error));
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void A_part_of_someones_own_is_changed_in_its_cell() => Assert.Contains("part of someone's own", Assert.Throws<KdException>(
        () => RecipeEdit.Apply(Two with { Schedule = new OwnSchedule("edit-own", (_, _, _) => 1) }, ["schedule.x=1"])).Message);

    private static Recipe Edit(params string[] assignments) => RecipeEdit.Apply(Two, assignments);
}
