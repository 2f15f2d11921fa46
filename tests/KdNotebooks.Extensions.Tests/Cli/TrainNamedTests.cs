using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;
using KdNotebooks.Extensions.Tests.Kernel;
using KdNotebooks.Models.Classification;
using KdNotebooks.Recipes;
using KdNotebooks.Results;
using KdNotebooks.Teachers;

namespace KdNotebooks.Extensions.Tests.Cli;

/// <summary>A CIFAR-100 recipe by its name, on an archive in CIFAR's format that is made here.</summary>
[Collection(EngineCollection.Name)]
public sealed class TrainNamedTests : CommandLineTest
{
    private const string Student = "cifar100/resnet8x4", Pair = "cifar100/resnet32x4-resnet8x4/at";

    // The protocol's own batch of 64 in one step an epoch: a moment.
    private static readonly string[] Few = ["--epochs", "2", "--set", "schedule.epochs=[1]"];

    [Fact]
    public void A_student_of_the_table_is_trained_on_an_archive_of_CIFARs_format()
    {
        Archive();
        Assert.Equal(0, Run(["train", Student, "--data", At("cifar-100-binary.tar.gz"), "--out", At("out"), .. Few]));
        Assert.Equal("", Error);
        var run = Assert.Single(Directory.GetDirectories(At("out", "runs")));
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(run, "manifest.json")))!;
        Assert.Equal(("complete", "cifar-100", 64), (
            (string)manifest["status"]!, (string)manifest["data"]!["name"]!, (int)manifest["data"]!["train"]!));
        Assert.Equal(2, File.ReadLines(Path.Combine(run, "timings.jsonl")).Count());
        Assert.Contains("published: top-1 accuracy, CIFAR-100 test: 72.5 (", Output);
        Assert.NotEmpty(ResultsFile.Read(At("out", "results.json")));
    }

    [Fact]
    public void It_can_be_stopped_at_any_step()
    {
        Archive();
        using var stop = new CancellationTokenSource();
        using var watch = new FileSystemWatcher(Directory.CreateDirectory(At("out")).FullName, "timings.jsonl")
        {
            IncludeSubdirectories = true,
            EnableRaisingEvents = true,
        };
        watch.Created += (_, _) => stop.Cancel(); // the first epoch is done
        Assert.Equal(130, RunUntil(stop.Token, "train", Student, "--data", At(), "--out", At("out")));

        var run = Assert.Single(Directory.GetDirectories(At("out", "runs")));
        Assert.EndsWith(".partial", run);
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(run, "manifest.json")))!;
        Assert.Equal("stopped", (string)manifest["status"]!);
        var epochs = File.ReadAllLines(Path.Combine(run, "metrics.jsonl"));
        Assert.Equal((int)manifest["epochsKept"]!, epochs.Length);
        Assert.All(epochs, line => JsonNode.Parse(line));
        foreach (var file in new[] { "last.safetensors", "best.safetensors" })
        {
            TrainedModel.Load(Path.Combine(run, file)).Build().Root.Dispose();
        }

        Assert.False(File.Exists(At("out", "results.json")));
        Assert.Contains("Stopped.", Error);
    }

    [Fact]
    public void A_pair_needs_its_teacher_and_refuses_one_that_knows_nothing()
    {
        Archive();
        Assert.Equal(1, Run(["train", Pair, "--data", At(), "--out", At("a"), .. Few]));
        Assert.Contains("cifar100-resnet32x4.safetensors' is neither in the package", Error);
        using var model = new NetworkSpec("resnet32x4").Build(3, 100);
        TrainedModel.Save(At("blank.safetensors"), model, NamedRecipes.Find("cifar100/resnet32x4").Recipe, 3, 100);
        Assert.Equal(1, Run(["train", Pair, "--data", At(), "--teacher", At("blank.safetensors"), "--out", At("b"), .. Few]));
        Assert.Contains("near chance", Error);
    }

    [Fact]
    public void Recipes_are_listed_by_pair_and_by_task()
    {
        Assert.Equal(0, Run("recipes", "cifar100/resnet32x4-resnet8x4"));
        Assert.Contains("cifar100/resnet32x4-resnet8x4/at", Output);
        Assert.Contains("73.44", Output);
        Assert.Equal(2, Run("recipes", "--task", "clasification"));
        Assert.Contains("nearest is 'classification'", Error);
    }

    private void Archive()
    {
        using var stream = new GZipStream(File.Create(At("cifar-100-binary.tar.gz")), CompressionLevel.Fastest);
        using var tar = new TarWriter(stream);
        foreach (var (name, images) in new[] { ("train.bin", 64), ("test.bin", 20) })
        {
            var random = new Random(images);
            byte[] bytes = [.. Enumerable.Range(0, images).SelectMany(i => new[] { (byte)0, (byte)(i % 100) }
                .Concat(Enumerable.Range(0, 3072).Select(_ => (byte)random.Next(256))))];
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"cifar-100-binary/{name}") { DataStream = new MemoryStream(bytes) });
        }
    }
}
