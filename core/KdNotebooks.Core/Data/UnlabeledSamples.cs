using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>Images of another set, without what is to be learned of them.</summary>
internal sealed class UnlabeledSamples(SampleSet whole) : SampleSet(whole.Name, whole.Count)
{
    public override int Channels => whole.Channels;

    public override IReadOnlyList<string> ClassNames => whole.ClassNames;

    // The images' own alone would be better, and no set knows it without its labels.
    public override string Fingerprint => Sha256.OfText($"without labels {whole.Fingerprint}");

    public override Type TargetType => typeof(Unlabeled);

    public override ImageSize? OneSize => whole.OneSize;

    public override bool IsInMemory => whole.IsInMemory;

    public override SampleSet Whole => whole.Whole;

    public override IReadOnlyList<string> LeftOut => whole.LeftOut;

    public override ITarget TargetOf(int index) => Unlabeled.Instance;

    internal override PictureSample? PictureOf(int index) =>
        whole.PictureOf(index) is { } picture ? picture with { Target = Unlabeled.Instance } : null;

    public override Sample Load(int index)
    {
        var sample = whole.Load(index);
        return new Sample(sample.Name, sample.Channels, sample.Size, sample.Pixels, Unlabeled.Instance);
    }

    public override ImageSize SizeOf(int index) => whole.SizeOf(index);

    public override void Refresh(Rehash rehash, CancellationToken cancel) => whole.Refresh(rehash, cancel);
}
