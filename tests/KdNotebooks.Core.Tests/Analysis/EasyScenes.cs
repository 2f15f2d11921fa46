using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Analysis;

/// <summary>
/// Scenes of 32x32 in Cityscapes' layout that are learned in a moment: a bright T-shirt and a blue bag on a dark canvas,
/// each a rectangle; the rows at the bottom are ignored. With a teacher that has learned them.
/// </summary>
/// <remarks>The tests of the extensions compile this file, too.</remarks>
internal sealed class EasyScenes
{
    public const int Side = 32, Shirt = 1, Bag = 9;

    /// <param name="folder">New; it belongs to the caller.</param>
    public EasyScenes(string folder)
    {
        Data = new DataSpec("fashion-scenes", Folder: Path.Combine(folder, "scenes"));
        Write(Data.Folder!, "train", "val", "test");
        var learned = Experiment.Run(
            [Alone() with { Method = "teacher", Student = Model(8), Iterations = 40, Epochs = 1 }],
            RunContext.Default with { Output = Path.Combine(folder, "teacher") });
        Teacher = new TeacherSpec(Path.Combine(learned.Runs[0].Folder, "last.safetensors"));
    }

    public DataSpec Data { get; }

    public TeacherSpec Teacher { get; }

    /// <summary>A student of width 4 that learns alone, in four steps.</summary>
    public Recipe Alone(int seed = 1) => new()
    {
        Method = "none",
        Data = Data,
        Task = new SegmentationSpec(),
        Student = Model(4),
        Optimizer = new Sgd(0.05),
        Epochs = 2,
        BatchSize = 8,
        Augmentation = ResizedCrop.None,
        Device = "cpu",
        Seed = seed,
    };

    /// <summary>The same, held to the teacher's last map.</summary>
    public Recipe Distilled(int seed = 1) => Alone(seed) with
    {
        Method = "mlp-1",
        Teacher = Teacher,
        Connections = [new("backbone.layer4", "backbone.layer4", new ChannelMlp(), new L2Loss(), 1)],
    };

    /// <summary>Writes splits: 16 scenes to train on, 6 of any other.</summary>
    public static void Write(string folder, params IReadOnlyList<string> splits)
    {
        foreach (var split in splits)
        {
            Enumerable.Range(0, split == "train" ? 16 : 6).ToList().ForEach(i => Write(folder, split, i));
        }
    }

    private static SegmenterSpec Model(int width) => new(Width: width);

    private static void Write(string folder, string split, int index)
    {
        var (image, labels) = (new byte[Side * Side * 3], new byte[Side * Side]);
        var random = new Random((10 * index) + split.Length);
        var (left, top) = (random.Next(2, 8), random.Next(2, 16));
        for (var i = 0; i < labels.Length; i++)
        {
            var (y, x) = (i / Side, i % Side);
            var inRows = y >= top && y < top + 12;
            labels[i] = inRows && x >= left && x < left + 10 ? (byte)Shirt
                : inRows && x >= left + 12 && x < left + 20 ? (byte)Bag
                : (byte)0;
            var noise = random.Next(30);
            image[3 * i] = image[(3 * i) + 1] = (byte)((labels[i] == Shirt ? 200 : 40) + noise);
            image[(3 * i) + 2] = (byte)((labels[i] == 0 ? 40 : 200) + noise);
        }

        Png(Path.Combine(folder, "leftImg8bit", split, "easy", $"easy_{index}_leftImg8bit.png"), image, 3);
        Png(Path.Combine(folder, "gtFine", split, "easy", $"easy_{index}_gtFine_labelIds.png"), labels, 1);
    }

    private static void Png(string path, byte[] pixels, int channels)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            for (var y = 0; y < Side; y++)
            {
                zlib.WriteByte(0); // the row as it is
                zlib.Write(pixels, y * Side * channels, Side * channels);
            }
        }

        using var file = File.Create(path);
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        Chunk(file, "IHDR"u8, [0, 0, 0, Side, 0, 0, 0, Side, 8, (byte)(channels == 3 ? 2 : 0), 0, 0, 0]);
        Chunk(file, "IDAT"u8, packed.ToArray());
        Chunk(file, "IEND"u8, []);
    }

    private static void Chunk(FileStream file, ReadOnlySpan<byte> name, byte[] content)
    {
        byte[] body = [.. name, .. content];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(body));
        file.Write(number);
    }
}
