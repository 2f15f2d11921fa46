using KdNotebooks.Aligners;
using KdNotebooks.Catalogue;
using KdNotebooks.Invariants;
using KdNotebooks.Losses;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Catalogue;

public sealed class PartTableTests
{
    [Fact]
    public void Every_loss_and_aligner_of_the_catalogue_is_described()
    {
        foreach (var (table, kinds) in new[]
        {
            (PartTable.Losses, PartKinds.All[typeof(ILogitLoss)].Concat(PartKinds.All[typeof(IFeatureLoss)])),
            (PartTable.Aligners, PartKinds.All[typeof(IAligner)]),
        })
        {
            Assert.Equal(kinds.Select(kind => kind.Kind), table.Cards.Select(card => card.Kind));
            Assert.All(table.Cards, card =>
            {
                Assert.NotEmpty(card.About.Formula);
                Assert.DoesNotContain("\n", card.About.Formula);
                Assert.NotEqual(Claim.None, card.About.Claims);
                Assert.Contains(card.Kind, table.ToString());
                Assert.Contains($"| `{card.Kind}` |", table.ToMarkdown());
            });
        }
    }

    // A loss's name in tables is the word that makes it; an aligner's says its options.
    [Fact]
    public void A_loss_is_called_as_its_kind() => Assert.All(PartTable.Losses.Cards, card => Assert.Equal(
        card.Kind, card.Create() is IFeatureLoss loss ? loss.Name : ((ILogitLoss)card.Create()).Name));

    [Fact]
    public void A_card_has_the_options_with_their_defaults_and_the_claims_in_words()
    {
        var card = PartTable.Losses["l2"];
        Assert.Equal(["reduction = mean | sumPerBatch"], card.Options);
        Assert.Equal(
            "every loss’s; ≥ 0; 0 at equality; sum = mean × C H W; batch repeated; factor on both, squared", card.Claims);
        Assert.Equal("maps of one shape", card.Takes);
        Assert.Equal(["temperature = 4"], PartTable.Losses["kd"].Options);
        Assert.Equal(new KdLoss(), PartTable.Losses["kd"].Create());
        Assert.Contains("hidden = null", PartTable.Aligners["channel-mlp"].Options);
    }

    [Fact]
    public void What_a_method_does_not_claim_of_what_all_claim_is_said() => Assert.Equal(
        "all of it but order of images; ≥ 0",
        Claims.Words((Claim.EveryLoss | Claim.NonNegative) & ~Claim.BatchOrder, Claim.EveryLoss, "all of it"));

    [Fact]
    public void Every_single_claim_has_words_of_its_own()
    {
        var claims = Enum.GetValues<Claim>().Where(claim => long.PopCount((long)claim) == 1).ToList();
        Assert.Equal(claims.Count, claims.Select(Claims.Word).Distinct().Count());
    }

    [Fact]
    public void A_word_that_is_not_there_is_refused_with_the_nearest() => Assert.Contains(
        "'channel-mpl' is not in the catalogue; the nearest is 'channel-mlp'",
        Assert.Throws<KdException>(() => PartTable.Aligners["channel-mpl"]).Message);

    [Fact]
    public void A_type_that_says_nothing_of_itself_is_refused() => Assert.Contains(
        "has no [About(...)]", Assert.Throws<KdException>(() => PartCard.Of("mute", typeof(Mute))).Message);

    // kd catalogue > core/KdNotebooks.Core/Catalogue/README.md
    [Fact]
    public void The_page_in_the_repository_is_the_one_that_the_types_make() => Assert.Equal(
        PartPage.Markdown,
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Catalogue", "README.md")).ReplaceLineEndings("\n"));

    private sealed record Mute;
}
