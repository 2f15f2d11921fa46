namespace KdNotebooks.Invariants;

/// <summary>
/// What the catalogue says of a loss or an aligner. It stands on the type, so that the table which the README links,
/// <c>kd losses</c> and <c>kd aligners</c> are made from the code and cannot fall behind it.
/// </summary>
/// <param name="formula">In one line, with unicode symbols: F_s and F_t are the maps, z the logits.</param>
/// <param name="paper">"Hinton et al. 2015, arXiv:1503.02531".</param>
/// <param name="claims">Invariants; each is property-tested.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class AboutAttribute(string formula, string paper, Claim claims) : Attribute
{
    public string Formula => formula;

    public string Paper => paper;

    public Claim Claims => claims;

    /// <summary>
    /// The weight beside the task loss in its authors' or reference code (docs/method.md, section 4): "1000
    /// (CIFAR-100)". Empty where none is known, and for aligners.
    /// </summary>
    public string Weight { get; init; } = "";
}
