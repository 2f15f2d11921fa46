using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// Images with what is to be learned of them, in memory or read as they are asked for; never empty. Which kind of
/// target they have is known to their task alone.
/// </summary>
public abstract class SampleSet
{
    /// <param name="name">What an error calls the set: "cityscapes val".</param>
    /// <param name="count">How many images.</param>
    /// <exception cref="KdException">There is no image.</exception>
    protected SampleSet(string name, int count)
    {
        (Name, Count) = (name, count);
        if (count < 1)
        {
            throw new KdException($"{name}: the set is empty; expected at least one image with its labels.");
        }
    }

    public string Name { get; }

    /// <summary>How many images.</summary>
    public int Count { get; }

    /// <summary>Of every image: 1 for gray, 3 (the default) for red, green, blue.</summary>
    public virtual int Channels => 3;

    /// <summary>The name of class 0, of class 1, and so on.</summary>
    public abstract IReadOnlyList<string> ClassNames { get; }

    /// <summary>
    /// 64 lower-case hex digits that differ where the set does; each kind says what it is made of. Contents, not names,
    /// lengths or times: a run's id and the caches of teacher features go by it. <see cref="ContentIndex"/> makes one
    /// of files.
    /// </summary>
    public abstract string Fingerprint { get; }

    /// <summary>The kind of target that every sample has. The default looks at the first one.</summary>
    public virtual Type TargetType => Load(0).Target.GetType();

    /// <summary>Whether there is something to be learned of its images, and not the images alone.</summary>
    public bool IsLabeled => TargetType != typeof(Unlabeled);

    /// <summary>The size that every image has; null (the default) where they may differ, or it is not known.</summary>
    public virtual ImageSize? OneSize => null;

    /// <summary>
    /// Whether <see cref="Load"/> costs next to nothing, so that a batch is not spread over threads. The default is
    /// false: files are read and decoded side by side.
    /// </summary>
    public virtual bool IsInMemory => false;

    /// <summary>One image. Called by several threads at once.</summary>
    /// <param name="index">From 0.</param>
    public abstract Sample Load(int index);

    /// <summary>What is to be learned of one image. The default loads it.</summary>
    public virtual ITarget TargetOf(int index) => Load(index).Target;

    /// <summary>One image as its file has it, for augmentations that begin with that; null (the default) where there is no file.</summary>
    internal virtual PictureSample? PictureOf(int index) => null;

    /// <summary>One view of one image, as training sees it. Called by several threads at once.</summary>
    /// <param name="draw">What the augmentation draws its numbers from.</param>
    public Sample View(int index, IAugmentation augmentation, Draw draw) =>
        augmentation is IPictureAugmentation { TakesPictures: true } pictures && PictureOf(index) is { } picture
            ? pictures.Apply(picture, draw)
            : augmentation.IsNone ? Load(index) : augmentation.Apply(Load(index), draw);

    /// <summary>Files that were left out, because they are damaged and that was asked for. The default is none.</summary>
    public virtual IReadOnlyList<string> LeftOut => [];

    /// <summary>Height and width of one image in pixels, as little read of it as there must be.</summary>
    public virtual ImageSize SizeOf(int index) => OneSize ?? Load(index).Size;

    /// <summary>
    /// Looks at the contents again, as every experiment does before it begins: <see cref="Fingerprint"/> then says what
    /// they are now. The default does nothing, for who computes it each time.
    /// </summary>
    /// <param name="rehash">Which files are read; what lies in memory is hashed again always.</param>
    /// <exception cref="DataFileException">A file is not there any more, or cannot be read.</exception>
    public virtual void Refresh(Rehash rehash = Rehash.Changed, CancellationToken cancel = default)
    {
    }

    /// <summary>The first images; they are not copied.</summary>
    /// <exception cref="KdException">The set has fewer images, or none was asked for.</exception>
    public virtual SampleSet Take(int count) => count == Count ? this : new FirstSamples(this, count);

    /// <summary>
    /// The same images without their labels, which nobody then reads: for a student that learns from a teacher alone
    /// (a recipe's task weight of 0).
    /// </summary>
    public SampleSet WithoutLabels() => IsLabeled ? new UnlabeledSamples(this) : this;

    /// <summary>The set that this one is a part of, else itself: what tells which kind it is.</summary>
    public virtual SampleSet Whole => this;

    public override string ToString() => $"{Name}: {Count} images, {ClassNames.Count} classes";

    private sealed class FirstSamples(SampleSet whole, int count) : SampleSet(whole.Name, Within(whole, count))
    {
        public override int Channels => whole.Channels;

        public override IReadOnlyList<string> ClassNames => whole.ClassNames;

        public override string Fingerprint => Sha256.OfText($"the first {Count} of {whole.Fingerprint}");

        public override Type TargetType => whole.TargetType;

        public override ImageSize? OneSize => whole.OneSize;

        public override bool IsInMemory => whole.IsInMemory;

        public override SampleSet Whole => whole.Whole;

        public override Sample Load(int index) => index < Count ? whole.Load(index) : throw new KdException(
            $"{Name}: image {index} was asked for; there are {Count}, counted from 0.");

        public override ITarget TargetOf(int index) => whole.TargetOf(index);

        internal override PictureSample? PictureOf(int index) => whole.PictureOf(index);

        public override IReadOnlyList<string> LeftOut => whole.LeftOut;

        public override ImageSize SizeOf(int index) => whole.SizeOf(index);

        public override void Refresh(Rehash rehash, CancellationToken cancel) => whole.Refresh(rehash, cancel);

        private static int Within(SampleSet whole, int count) => count >= 1 && count <= whole.Count
            ? count
            : throw new KdException(
                $"{whole.Name}: asked for {count} images; expected 1 to {whole.Count}, as many as there are.");
    }
}
