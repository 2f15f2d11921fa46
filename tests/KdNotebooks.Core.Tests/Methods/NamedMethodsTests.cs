using System.Globalization;
using System.Text.RegularExpressions;
using KdNotebooks.Catalogue;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Methods;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tests.Runs;

namespace KdNotebooks.Tests.Methods;

public sealed partial class NamedMethodsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_loss_of_the_catalogue_is_a_method_of_that_name() => Assert.All(
        PartTable.Losses.Cards, card => Assert.Contains(card.Type, Losses(NamedMethods.Find(card.Kind))));

    [Fact]
    public void No_two_methods_share_a_name_and_every_name_is_found()
    {
        Assert.Equal(NamedMethods.Names.Count, NamedMethods.Names.Distinct().Count());
        Assert.All(NamedMethods.Names, name => Assert.NotEmpty(NamedMethods.Find(name).About));
        Assert.All(NamedMethods.All, method => Assert.Contains(method.Name, NamedMethods.Names));
        Assert.Equal("none", NamedMethods.Names[0]);
        Assert.All(new[] { "paper", "mlp1" }, word => Assert.Same(NamedMethods.Find("mlp-1"), NamedMethods.Find(word)));
    }

    // The number stands on the loss's card too, in words.
    [Fact]
    public void A_usual_weight_is_one_that_the_catalogue_gives_and_says_from_where()
    {
        foreach (var method in NamedMethods.All.Where(method => method.Usual is not null))
        {
            Assert.NotEmpty(method.Usual!.Source);
            if (PartTable.Losses.Cards.FirstOrDefault(card => card.Kind == method.Name) is { } card)
            {
                Assert.Contains(method.Usual.Value, Numbers(card.About.Weight));
            }
        }

        Assert.All(PartTable.Losses.Cards.Where(card => card.About.Weight.Length > 0), card =>
            Assert.NotNull(NamedMethods.Find(card.Kind).Usual));
    }

    // One student each, side by side: that each goes through a step and an evaluation, not that it is worth anything.
    // Maps before the activation, since the margins of OFD come from a batch normalization.
    [Fact]
    public void Every_method_can_be_trained()
    {
        var methods = NamedMethods.All.Where(method => method.Name != "cwd-logits").ToList();
        var recipe = Trials.Alone() with { Teacher = new("fashion-teacher"), Iterations = 1, Epochs = 1 };
        var places = new Guidance([.. new[] { "layer2.0.bn2", "layer3.0.bn2" }.Select(path =>
            new Connection(path, path, new KdNotebooks.Aligners.Linear(), new L2Loss(), 1))]);

        var result = Trials.Run(folder.File("runs"), [.. methods.Select(method =>
            On(recipe with { Method = method.Name }, method.At(places, 1e-6)))]);

        Assert.Equal(methods.Select(method => method.Name), result.Runs.Select(run => run.Recipe.Method));
        Assert.All(result.Table.Rows, row => Assert.True(double.IsFinite(row.Value), $"{row}"));
    }

    [Fact]
    public void A_name_that_is_none_is_refused_with_the_nearest() => Assert.StartsWith(
        "'mgdd' is no method; the nearest is 'mgd'. Known: none, paper, mlp1, mlp-1, linear, kd, ",
        Assert.Throws<KdException>(() => NamedMethods.Find("mgdd")).Message);

    private static Recipe On(Recipe recipe, Guidance guidance) => recipe with
    {
        Teacher = guidance == Guidance.None ? null : recipe.Teacher,
        Connections = guidance.Connections,
        Logits = guidance.Logits,
        Fused = guidance.Fused,
    };

    private static IEnumerable<Type> Losses(Method method) => method.Compares switch
    {
        MapComparison maps => [maps.Loss.GetType()],
        LogitComparison logits => [logits.Loss.GetType()],
        ReviewComparison review => [review.Loss.GetType()],
        _ => [],
    };

    private static IEnumerable<double> Numbers(string text) => Number().Matches(text)
        .Select(match => double.Parse(match.Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\d+(\.\d+)?(e-?\d+)?")]
    private static partial Regex Number();
}
