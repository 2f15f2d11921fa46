using KdNotebooks.Aligners;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Methods;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Methods;

public sealed class MethodTests
{
    private static readonly Guidance Places = new(
        [
            new("a", "b", new ConvReg(), new SpLoss(), 7, SpatialPolicy.Resize, 3),
            new("c", "d", new Linear(), new L2Loss(), 2),
        ],
        new LogitConnection(new KdLoss(), 0.5));

    [Fact]
    public void A_method_of_maps_keeps_the_places_and_nothing_of_their_losses_and_logits() => Assert.Equal(
        [
            new Connection("a", "b", new Identity(), new AtLoss(), 50, SpatialPolicy.Resize, 3),
            new Connection("c", "d", new Identity(), new AtLoss(), 50),
        ],
        Only(NamedMethods.Find("at").At(Places, 50)).Connections);

    [Fact]
    public void A_method_of_pooled_features_pools_both_maps() => Assert.All(
        NamedMethods.Find("pefd").At(Places, 1).Connections,
        place => Assert.Equal(SpatialPolicy.Global, place.Spatial));

    [Fact]
    public void A_method_of_logits_compares_no_maps()
    {
        var held = NamedMethods.Find("dkd").At(Places, 0.5);
        Assert.Empty(held.Connections);
        Assert.Equal(new LogitConnection(new DkdLoss(1, 8, 4), 0.5), held.Logits);
    }

    [Fact]
    public void A_review_fuses_the_places_and_its_stages_are_the_places_of_another_method()
    {
        var held = NamedMethods.Find("review").At(Places, 5);
        Assert.Equal(new FusedConnection([new("a", "b"), new("c", "d")], new HclLoss(), 5, WarmUp: 3), held.Fused);
        Assert.Empty(held.Connections);
        Assert.Null(held.Logits);

        Assert.Equal(held.Fused, NamedMethods.Find("review").At(held, 5).Fused);
        Assert.Equal(
            new Connection("c", "d", new Linear(), new L2Loss(), 2, WarmUp: 3),
            NamedMethods.Find("l2").At(held, 2).Connections[1]);
    }

    [Fact]
    public void Logits_of_segmentation_have_a_place_of_their_own() => Assert.Equal(
        new Connection("classifier", "classifier", new Identity(), new CwdLoss(4), 3),
        Assert.Single(NamedMethods.Find("cwd-logits").At(Guidance.None, 3).Connections));

    [Fact]
    public void The_student_alone_is_held_nowhere() =>
        Assert.Equal(Guidance.None, NamedMethods.Find("none").At(Places, 1));

    [Fact]
    public void A_loss_of_the_readers_needs_no_aligner_where_it_takes_any_maps_and_else_keeps_the_recipes()
    {
        Assert.All(Method.Of("mine", new Mine(MapFit.Any)).At(Places, 1).Connections, place =>
            Assert.Equal(new Identity(), place.Aligner));
        Assert.Equal(
            Places.Connections.Select(place => place.Aligner),
            Method.Of("mine", new Mine(MapFit.SameShape)).At(Places, 1).Connections.Select(place => place.Aligner));
        Assert.Equal(new KdLoss(2), Method.Of("mine", new KdLoss(2)).At(Places, 1).Logits!.Loss);
    }

    [Fact]
    public void Without_a_place_a_method_of_maps_is_refused() => Assert.Contains(
        "Method 'at' compares maps, and the recipe says nowhere which",
        Assert.Throws<KdException>(() => NamedMethods.Find("at").At(Guidance.None, 1)).Message);

    [Fact]
    public void A_usual_weight_is_the_references_or_refused()
    {
        Assert.Equal(1000, NamedMethods.Find("at").UsualOrFail());
        Assert.Contains(
            "Method 'ab' has no usual weight",
            Assert.Throws<KdException>(() => NamedMethods.Find("ab").UsualOrFail()).Message);
    }

    [Theory]
    [InlineData("none", "nothing")]
    [InlineData("kd", "logits, kd")]
    [InlineData("pefd", "ensemble, cosine, global")]
    [InlineData("l2", "the recipe's aligner, l2")]
    [InlineData("cwd-logits", "identity, cwd at classifier")]
    [InlineData("review", "fused stages, hcl")]
    public void What_is_compared_is_said_in_a_few_words(string name, string summary) =>
        Assert.Equal(summary, NamedMethods.Find(name).Compares.Summary);

    private static Guidance Only(Guidance held)
    {
        Assert.Null(held.Logits);
        Assert.Null(held.Fused);
        return held;
    }

    private sealed record Mine(MapFit Fit) : IFeatureLoss
    {
        public string Name => "mine";

        public Tensor Compute(Tensor student, Tensor teacher) => (student.mean() - teacher.mean()).square();
    }
}
