using System.Buffers.Binary;
using System.Security.Cryptography;
using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks.Segmentation;

/// <summary>Color images with label maps, in memory or read from files as they are asked for.</summary>
public abstract class LabelMapSet : SampleSet
{
    // For sets without colors of their own: dark for the first class, then Paul Tol's muted scheme.
    private static readonly int[] Colors =
        [0x1B1F24, 0xCC6677, 0x88CCEE, 0xDDCC77, 0x117733, 0x6699CC, 0xAA4499, 0x44AA99, 0x999933, 0xEE8866, 0xF2F2F2];

    /// <param name="name">What an error calls the set: "cityscapes val".</param>
    protected LabelMapSet(string name, LabelTable table, int count) : base(name, count) => Table = table;

    /// <summary>Names and colors of the classes.</summary>
    public LabelTable Table { get; }

    public override Type TargetType => typeof(LabelMap);

    public override IReadOnlyList<string> ClassNames => Table.ClassNames;

    /// <summary>These samples, kept in memory; its fingerprint is over all their bytes.</summary>
    /// <exception cref="KdException">None, a sample without a label map, or a label that is no class.</exception>
    public static LabelMapSet Of(string name, LabelTable table, IReadOnlyList<Sample> samples) =>
        new InMemory(name, table, samples);

    /// <summary>
    /// The table of a set, or of one that it is a part of; of a reader's own set one made of its class names.
    /// </summary>
    /// <exception cref="KdException">Its images have no label maps.</exception>
    public static LabelTable TableOf(SampleSet set) => set.Whole is LabelMapSet known ? known.Table
        : set.TargetType == typeof(LabelMap)
            ? new LabelTable(set.Name, [.. set.ClassNames.Select((name, i) =>
                new LabelRow((byte)i, name, i, Colors[i % Colors.Length]))])
            : throw new KdException(
                $"{set.Name}: its images have no class for each pixel; expected images with label maps.");

    private sealed class InMemory : LabelMapSet
    {
        private readonly IReadOnlyList<Sample> _samples;
        private Lazy<string> _fingerprint;

        public InMemory(string name, LabelTable table, IReadOnlyList<Sample> samples)
            : base(name, table, samples.Count)
        {
            _samples = samples;
            _fingerprint = new Lazy<string>(Hash);
            OneSize = samples.All(sample => sample.Size == samples[0].Size) ? samples[0].Size : null;
            foreach (var sample in samples)
            {
                RequireClasses(sample.Name, sample.Width, LabelMap.Of(sample).Labels);
            }
        }

        public override string Fingerprint => _fingerprint.Value;

        public override ImageSize? OneSize { get; }

        public override Sample Load(int index) => _samples[index];

        public override void Refresh(Rehash rehash = Rehash.Changed, CancellationToken cancel = default) =>
            _fingerprint = new Lazy<string>(Hash);

        private void RequireClasses(string sample, int width, byte[] labels)
        {
            var wrong = Array.FindIndex(
                labels, label => label >= Table.Classes.Count && label != LabelTable.Ignored);
            if (wrong >= 0)
            {
                throw new KdException(
                    $"{sample}: label {labels[wrong]} at row {wrong / width}, column "
                    + $"{wrong % width}; expected a class from 0 to {Table.Classes.Count - 1}, or "
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
                hash.AppendData(sample.Pixels.Span);
                hash.AppendData(LabelMap.Of(sample).Labels);
                foreach (var thing in LabelMap.Of(sample).Things)
                {
                    hash.AppendData([(byte)thing.Class]);
                    hash.AppendData(thing.Mask);
                }
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }
}
