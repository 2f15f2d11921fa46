using KdNotebooks.Invariants;

namespace KdNotebooks.Catalogue;

/// <summary>The catalogue as a page: README.md beside this file, which a test compares with it.</summary>
public static class PartPage
{
    /// <summary>Markdown.</summary>
    public static string Markdown =>
        $"""
        # Losses and aligners

        Made from the types by `kd catalogue > core/KdNotebooks.Core/Catalogue/README.md`; a test fails where it is behind
        them. `kd losses` and `kd aligners` print the same in a terminal. *F_s* and *F_t* are the student's (aligned) and
        the teacher's feature maps, *p* softened probabilities, *N* the images in a batch. A weight stands beside the task
        loss, whose weight is 1 unless said; it belongs to the data named with it.

        Every loss here claims: {Words(Claim.EveryLoss | Claim.Pinned)}.

        Every aligner here claims: {Words(Claim.EveryAligner | Claim.PinnedAligner)}.

        Each claim is property-tested (notebook 04, `tests/KdNotebooks.Properties.Tests`).

        ## Losses

        {PartTable.Losses.ToMarkdown()}
        ## Aligners

        {PartTable.Aligners.ToMarkdown()}
        """;

    private static string Words(Claim claims) => string.Join(", ", Invariants.Claims.Each(claims).Select(Invariants.Claims.Word));
}
