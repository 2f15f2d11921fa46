using KdNotebooks.Aligners;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Distillation;

public sealed class ConnectionTests
{
    [Fact]
    public void A_terms_name_says_where_how_and_by_what() => Assert.Equal(
        ("layer3 mlp-2 l2", "layer3 to layer2 linear l2", "logits kd"),
        (new Connection("layer3", "layer3", new ChannelMlp(2), new L2Loss(), 5).Name,
            new Connection("layer3", "layer2", new Linear(), new L2Loss(), 5).Name,
            new LogitConnection(new KdLoss(), 0.5).Name));

    [Fact]
    public void Sizes_that_differ_are_refused_unless_a_policy_is_named() => Assert.Equal(
        SpatialPolicy.None, new Connection("a", "b", new Identity(), new L2Loss(), 1).Spatial);
}
