using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Teachers;
using KdNotebooks.Tests.Runs;

namespace KdNotebooks.Tests.Teachers;

/// <summary>A teacher's own normalization, and the order of its classes.</summary>
[Collection(TorchState.Name)]
public sealed class PreflightTests : IDisposable
{
    private static readonly InputNormalization Own = new([0.4], [0.7]);

    private readonly TemporaryFolder root = new();
    private readonly Recipe recipe = Trials.Alone();

    public void Dispose() => root.Dispose();

    [Fact]
    public void A_teacher_sees_images_in_its_own_terms()
    {
        using var scope = torch.NewDisposeScope();
        var task = recipe.OpenTask();
        var network = TrainedModel.Load("fashion-teacher").Build();
        var pixels = BatchLoader.InOrder(task.Data.Train, 8, TestContext.Current.CancellationToken).First();
        var data = pixels.On(task.Data.Mean, task.Data.Std, torch.CPU);
        var own = pixels.On([0.4f], [0.7f], torch.CPU);

        var seen = Logits(Renormalized.Of(network, Own, task.Data), data);
        TensorAssert.Near(Logits(network, own), seen, 1e-4);
        Assert.False(seen.allclose(Logits(network, data), 1e-3, 1e-3));
        var same = new InputNormalization(
            [.. task.Data.Mean.Select(value => (double)value)], [.. task.Data.Std.Select(value => (double)value)]);
        Assert.Same(network, Renormalized.Of(network, same, task.Data));
        network.Root.Dispose();
    }

    [Fact]
    public void Padding_stays_empty_in_its_terms_too()
    {
        using var scope = torch.NewDisposeScope();
        var task = recipe.OpenTask();
        var looked = new Look();
        var batch = Batch.Of(torch.ones(2, 1, 4, 6)) with { Sizes = [new ImageSize(4, 6), new ImageSize(3, 2)] };
        Renormalized.Of(looked, Own, task.Data).Forward(batch);
        var seen = looked.Seen!;
        Assert.True(seen[0].ne(0).all().item<bool>());
        Assert.Equal(6, seen[1].count_nonzero().item<long>());
        Assert.True(seen[1].narrow(1, 0, 3).narrow(2, 0, 2).ne(0).all().item<bool>());
    }

    [Fact]
    public void Its_normalization_decides_what_it_is_worth_and_what_a_cache_holds()
    {
        var plain = Trials.Distilled("at", new KdNotebooks.Aligners.Identity()) with
        {
            Connections = [new("layer3", "layer3", new KdNotebooks.Aligners.Identity(), new AtLoss(), 10)],
            Teacher = new TeacherSpec("fashion-teacher", TeacherSource.Disk, root.File("cache")),
        };
        var own = plain with { Teacher = plain.Teacher! with { Normalization = new([0.27], [0.37]) } };
        Assert.NotEqual(plain.Hash(), own.Hash());
        Assert.NotEqual(
            TrainingOptionsTests.Tensors(Trials.Run(root.File("a"), plain).Runs[0], "last"),
            TrainingOptionsTests.Tensors(Trials.Run(root.File("b"), own).Runs[0], "last"));
        Assert.Equal(2, Directory.GetDirectories(root.File("cache")).Length);
        Assert.Contains("2 mean(s)", Assert.Throws<KdException>(() => Trials.Run(root.File("c"), plain with
        {
            Teacher = new TeacherSpec("fashion-teacher", Normalization: new InputNormalization([0, 1], [1, 1])),
        })).Message);
        Assert.Throws<KdException>(() => new InputNormalization([0.5], [0]));
        Assert.Throws<KdException>(() => new InputNormalization([], []));
    }

    [Fact]
    public void The_same_classes_in_another_order_are_refused_by_name()
    {
        var names = recipe.OpenTask().Data.ClassNames.ToArray();
        (names[2], names[7]) = (names[7], names[2]);
        var file = Named("swapped", names);
        var task = recipe.OpenTask();

        var error = Assert.Throws<KdException>(() => TeacherCheck.Of(
            TrainedModel.Load(file), task, torch.CPU, TestContext.Current.CancellationToken)).Message;
        Assert.Contains("another order (2 of 10 differ", error);
        Assert.Contains($"class 2 is '{names[2]}', the data's is '{names[7]}'", error);
        var taught = Trials.Distilled("kd", new KdNotebooks.Aligners.Linear()) with { Teacher = new TeacherSpec(file) };
        Assert.Contains("another order", Assert.Throws<KdException>(() => Trials.Run(
            root.File("a"), taught with { Logits = new(new KdLoss(), 1) })).Message);
        // By its maps it can teach, whatever the order.
        Assert.Contains("another order", Trials.Run(root.File("b"), taught).Teacher!.Unmeasured);
    }

    [Fact]
    public void The_same_order_and_other_names_are_no_matter()
    {
        var task = recipe.OpenTask();
        foreach (var names in new[] { [.. task.Data.ClassNames], Enumerable.Range(0, 10).Select(i => $"n{i}").ToArray() })
        {
            var model = TrainedModel.Load(Named("other", names));
            Assert.Equal(names, model.ClassNames);
            Assert.True(TeacherCheck.Of(model, task, torch.CPU, TestContext.Current.CancellationToken).Validation > 80);
        }

        Assert.Null(TrainedModel.Load("fashion-teacher").ClassNames);
    }

    private string Named(string name, IReadOnlyList<string> classNames)
    {
        var teacher = TrainedModel.Load("fashion-teacher");
        using var model = teacher.Build().Root;
        TrainedModel.Save(root.File($"{name}.safetensors"), model, teacher.Recipe, 1, 10, classNames);
        return root.File($"{name}.safetensors");
    }

    private static torch.Tensor Logits(INetwork network, Batch batch)
    {
        using var inference = torch.inference_mode();
        return ((ModelOutput)network.Forward(batch)).Logits;
    }

    private sealed class Look : INetwork
    {
        public torch.Tensor? Seen { get; private set; }

        public torch.nn.Module Root { get; } = torch.nn.Identity();

        public IOutputs Forward(Batch batch)
        {
            Seen = batch.Images;
            return new ModelOutput(batch.Images);
        }
    }
}
