using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Data.Formats;
using KdNotebooks.Datasets;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Runs;

/// <summary>
/// Recipes of segmentation that are trained in a moment, and a teacher for them: scenes in a folder whose three classes
/// can be told by their colors, 32 to train on, 12 to validate and test on, of 32x32.
/// </summary>
public sealed class SceneTrials : IDisposable
{
    private const int Side = 32, Block = 16;

    private readonly TemporaryFolder root = new();

    public SceneTrials()
    {
        foreach (var (split, count) in new[] { ("train", 32), ("val", 12), ("test", 12) })
        {
            for (var i = 0; i < count; i++)
            {
                Write(split, i);
            }
        }

        var result = Trials.Run(root.File("teachers"), Alone() with
        {
            Method = "teacher",
            Student = new SegmenterSpec(Width: 8),
            Epochs = 8,
        });
        TeacherPath = Path.Combine(result.Runs[0].Folder, "last.safetensors");
    }

    /// <summary>PSPNet of width 8: its head's logits and maps are 4x4.</summary>
    public string TeacherPath { get; }

    public Recipe Alone(int seed = 1) => new()
    {
        Method = "none",
        Data = new DataSpec("fashion-scenes", Folder: root.File("scenes")),
        Task = new SegmentationSpec(),
        Student = new SegmenterSpec(Width: 4),
        Optimizer = new Sgd(0.05),
        Schedule = new Polynomial(),
        Epochs = 2,
        BatchSize = 8,
        Augmentation = new ResizedCrop(32, 32, Distort: false, Views: 2),
        Device = "cpu",
        Seed = seed,
    };

    /// <summary>One of each kind, with a teacher from this source.</summary>
    public Recipe[] Five(TeacherSource source = TeacherSource.Live)
    {
        var alone = Alone() with { Teacher = new TeacherSpec(TeacherPath, source, root.File("cache")) };
        return
        [
            Alone(),
            alone with
            {
                Method = "linear",
                Connections = [new("backbone.layer4", "backbone.layer4", new Linear(), new L2Loss(), 1)],
            },
            alone with
            {
                Method = "mlp at stride 16",
                Student = new SegmenterSpec(Width: 4, OutputStride: 16),
                Connections =
                [
                    new(
                        "backbone.layer4", "backbone.layer4", new ChannelMlp(), new L2Loss(), 1,
                        SpatialPolicy.Resize),
                ],
            },
            alone with
            {
                Method = "cwd",
                Connections = [new("classifier", "classifier", new Identity(), new CwdLoss(), 3)],
            },
            alone with { Method = "kd", Logits = new LogitConnection(new KdLoss(), 0.5) },
        ];
    }

    public void Dispose() => root.Dispose();

    // Blocks of class 0, 1 and 2 in dark, red and green.
    private void Write(string split, int index)
    {
        var (labels, image) = (new byte[Side * Side], new byte[3 * Side * Side]);
        for (var i = 0; i < labels.Length; i++)
        {
            var (row, column) = (i / Side / Block, i % Side / Block);
            var label = ((row * 5) + (column * 3) + (index * 7) + (split.Length * row)) % 3;
            labels[i] = (byte)label;
            for (var channel = 0; channel < 3; channel++)
            {
                image[(channel * labels.Length) + i] = (byte)(20 + (channel + 1 == label ? 200 : 0) + (i % 7) + index);
            }
        }

        var name = FashionScenesFolder.CityscapesName(index);
        var picture = root.File($"scenes/leftImg8bit/{split}/{name}_leftImg8bit.png");
        var map = root.File($"scenes/gtFine/{split}/{name}_gtFine_labelIds.png");
        Directory.CreateDirectory(Path.GetDirectoryName(picture)!);
        Directory.CreateDirectory(Path.GetDirectoryName(map)!);
        PngWriter.WriteColor(picture, image, Side, Side);
        PngWriter.WriteGray(map, labels, Side, Side);
    }
}
