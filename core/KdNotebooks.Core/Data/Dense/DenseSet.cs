using System.Buffers.Binary;
using System.Security.Cryptography;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data.Dense;

/// <summary>Images with label maps, in memory or read from files as they are asked for; never empty.</summary>
public abstract class DenseSet
{
    /// <param name="name">What an error calls the set: "cityscapes val".</param>
    protected DenseSet(string name, LabelTable table, int count)
    {
        (Name, Table, Count) = (name, table, count);
        if (count < 1)
        {
            throw new KdException($"{name}: the set is empty; expected at least one image with its label map.");
        }
    }

    public string Name { get; }

    /// <summary>Names and colors of the classes.</summary>
    public LabelTable Table { get; }

    /// <summary>How many images.</summary>
    public int Count { get; }

    /// <summary>64 lower-case hex digits that differ where the set does; each kind says what it is made of.</summary>
    public abstract string Fingerprint { get; }

    /// <summary>One image with its label map. May be called by several threads at once.</summary>
    public abstract DenseSample Load(int index);

    /// <summary>Height and width of one image in pixels, as little read of it as there must be.</summary>
    public virtual (int Height, int Width) SizeOf(int index)
    {
        var sample = Load(index);
        return (sample.Height, sample.Width);
    }

    /// <summary>These samples, kept in memory; its fingerprint is over all their bytes.</summary>
    /// <exception cref="KdException">None, or a label that is no class.</exception>
    public static DenseSet Of(string name, LabelTable table, IReadOnlyList<DenseSample> samples) =>
        new InMemory(name, table, samples);

    /// <summary>The first images; they are not copied.</summary>
    /// <exception cref="KdException">The set has fewer images, or none was asked for.</exception>
    public DenseSet Take(int count) => count == Count ? this : new First(this, count);

    public override string ToString() => $"{Name}: {Count} images, {Table.Classes.Count} classes";

    private sealed class First(DenseSet whole, int count) : DenseSet(whole.Name, whole.Table, Within(whole, count))
    {
        public override string Fingerprint => Sha256.OfText($"the first {Count} of {whole.Fingerprint}");

        public override DenseSample Load(int index) => index < Count ? whole.Load(index) : throw new KdException(
            $"{Name}: image {index} was asked for; there are {Count}, counted from 0.");

        public override (int Height, int Width) SizeOf(int index) => whole.SizeOf(index);

        private static int Within(DenseSet whole, int count) => count >= 1 && count <= whole.Count
            ? count
            : throw new KdException(
                $"{whole.Name}: asked for {count} images; expected 1 to {whole.Count}, as many as there are.");
    }

    private sealed class InMemory : DenseSet
    {
        private readonly IReadOnlyList<DenseSample> _samples;
        private readonly Lazy<string> _fingerprint;

        public InMemory(string name, LabelTable table, IReadOnlyList<DenseSample> samples)
            : base(name, table, samples.Count)
        {
            _samples = samples;
            _fingerprint = new Lazy<string>(Hash);
            foreach (var sample in samples)
            {
                RequireClasses(sample);
            }
        }

        public override string Fingerprint => _fingerprint.Value;

        public override DenseSample Load(int index) => _samples[index];

        private void RequireClasses(DenseSample sample)
        {
            var wrong = Array.FindIndex(
                sample.Labels, label => label >= Table.Classes.Count && label != LabelTable.Ignored);
            if (wrong >= 0)
            {
                throw new KdException(
                    $"{sample.Name}: label {sample.Labels[wrong]} at row {wrong / sample.Width}, column "
                    + $"{wrong % sample.Width}; expected a class from 0 to {Table.Classes.Count - 1}, or "
                    + $"{LabelTable.Ignored} for ignored.");
            }
        }

        private string Hash()
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Span<byte> size = stackalloc byte[8];
            foreach (var sample in _samples)
            {
                BinaryPrimitives.WriteInt32LittleEndian(size, sample.Height);
                BinaryPrimitives.WriteInt32LittleEndian(size[4..], sample.Width);
                hash.AppendData(size);
                hash.AppendData(sample.Image);
                hash.AppendData(sample.Labels);
                foreach (var instance in sample.Instances)
                {
                    hash.AppendData([(byte)instance.Class]);
                    hash.AppendData(instance.Mask);
                }
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }
}
