using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Weights;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Distillation;

public sealed class LiveTeacherTests : IDisposable
{
    // What folds, what is overwritten in place, and what stays as it is.
    private static readonly string[] Paths =
    [
        "conv1", "bn1", "layer1", "layer1.0.bn1", "layer2.0.conv2", "layer2.0.bn2", "layer2.0.downsample.1", "layer3",
        TapSet.Output,
    ];

    private readonly DisposeScope scope = torch.NewDisposeScope();
    private readonly ResNet model = new(8, 3, 1, 4);
    private readonly Tensor images;

    public LiveTeacherTests()
    {
        images = torch.randn(3, 1, 8, 8);
        Tiny.Train(model);
        model.train();
    }

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Features_equal_the_plain_models_in_evaluation_mode()
    {
        var expected = Plain();
        using var teacher = new LiveTeacher(Network.Of(model), Paths, 1, 8, 8);
        var features = teacher.Features(Batch.Of(images));
        foreach (var path in Paths)
        {
            Tiny.AssertClose(expected[path], features[path]);
            Assert.Equal(expected[path].shape[1..], teacher.Maps.Shapes[path]);
        }
    }

    [Fact]
    public void With_nothing_inside_tapped_all_is_folded_and_still_equal()
    {
        var expected = Plain();
        using var teacher = new LiveTeacher(Network.Of(model), ["layer3", TapSet.Output], 1, 8, 8);
        var features = teacher.Features(Batch.Of(images));
        Tiny.AssertClose(expected["layer3"], features["layer3"]);
        Tiny.AssertClose(expected[TapSet.Output], features[TapSet.Output]);
    }

    [Fact]
    public void No_gradient_reaches_it_and_a_students_gradient_flows_beside_it()
    {
        using var teacher = new LiveTeacher(Network.Of(model), ["layer3"], 1, 8, 8);
        var features = teacher.Features(Batch.Of(images))["layer3"];
        Assert.False(features.requires_grad);
        Assert.All(model.parameters(), parameter => Assert.False(parameter.requires_grad));
        var student = torch.zeros(features.shape, requires_grad: true);
        new L2Loss().Compute(student, features).backward();
        Assert.True(student.grad!.abs().sum().item<float>() > 0);
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void It_stays_in_evaluation_mode_and_its_statistics_stay_as_they_are()
    {
        using var teacher = new LiveTeacher(Network.Of(model), Paths, 1, 8, 8);
        var before = StateDict.Fingerprint(model);
        teacher.Features(Batch.Of(images));
        Assert.All(model.modules(), module => Assert.False(module.training));
        Assert.Equal(before, StateDict.Fingerprint(model));
    }

    [Fact]
    public void The_callers_scope_owns_the_features_and_nothing_else_is_left()
    {
        using var teacher = new LiveTeacher(Network.Of(model), Paths, 1, 8, 8);
        var before = Tiny.LiveTensors;
        using (torch.NewDisposeScope())
        {
            Assert.Equal(Paths.Length, teacher.Features(Batch.Of(images)).Count);
            Assert.Equal(before + Paths.Length, Tiny.LiveTensors);
        }

        Assert.Equal(before, Tiny.LiveTensors);
    }

    [Fact]
    public void A_second_batch_leaves_the_features_of_the_first_as_they_were()
    {
        using var teacher = new LiveTeacher(Network.Of(model), Paths, 1, 8, 8);
        var first = teacher.Features(Batch.Of(images));
        var numbers = Paths.ToDictionary(path => path, path => first[path].Numbers());
        teacher.Features(Batch.Of(-images));
        Assert.All(Paths, path => Assert.Equal(numbers[path], first[path].Numbers()));
    }

    [Fact]
    public void It_runs_to_the_deepest_tap_and_not_its_head()
    {
        var (small, calls) = (Tiny.Classifier(), 0);
        Tiny.Train(small);
        ((Module<Tensor, Tensor>)TapSet.Find(small, "fc")).register_forward_pre_hook((_, input) =>
        {
            calls++;
            return input;
        });
        var batch = Batch.Of(torch.randn(3, 1, 4, 5));
        using var whole = new LiveTeacher(Network.Of(small), ["body.conv", "body", TapSet.Output], Tiny.Image);
        using var maps = new LiveTeacher(Network.Of(small), ["body.conv", "body"], Tiny.Image);
        calls = 0; // a probe runs all

        var (part, all) = (maps.Features(batch), whole.Features(batch));

        Assert.Equal(1, calls);
        Assert.Equal(["body.conv", "body"], part.Keys);
        Assert.All(maps.Paths, path => Assert.Equal(all[path].Numbers(), part[path].Numbers()));
        Assert.Equal(part["body"].Numbers(), maps.Features(batch)["body"].Numbers()); // again, after a pass that was left
        Assert.Equal(1, calls);
    }

    [Fact]
    public void A_network_with_other_outputs_is_run_to_its_deepest_tap_too()
    {
        var levels = new TwoLevels(4);
        var batch = Batch.Of(torch.randn(3, 1, 4, 5));
        using var whole = new LiveTeacher(levels, ["body", "head"], Tiny.Image);
        using var first = new LiveTeacher(levels, ["body", "head[0]"], Tiny.Image);
        Assert.Equal(["body", "head[0]", "head[1]"], whole.Paths);
        Assert.Equal(["body", "head[0]"], first.Paths);
        var (calls, passes) = (levels.HeadCalls, levels.Passes);

        var (part, all) = (first.Features(batch), whole.Features(batch));

        Assert.Equal((calls + 1 + 2, passes), (levels.HeadCalls, levels.Passes));
        Assert.All(first.Paths, path => Assert.Equal(all[path].Numbers(), part[path].Numbers()));
        var outputs = (LevelMaps)levels.Forward(batch);
        Assert.Equal(outputs.Maps[0].Numbers(), all["head[0]"].Numbers());
        Assert.Equal(outputs.Maps[1].Numbers(), all["head[1]"].Numbers());
        Assert.Equal(passes + 1, levels.Passes);
    }

    [Fact]
    public void After_a_pass_that_broke_off_the_next_counts_its_maps_from_the_first()
    {
        var levels = new TwoLevels(4);
        var batch = Batch.Of(torch.randn(3, 1, 4, 5));
        using var teacher = new LiveTeacher(levels, ["head"], Tiny.Image);
        var expected = teacher.Features(batch);

        levels.BreaksOff = true;
        Assert.Throws<InvalidOperationException>(() => teacher.Features(batch));
        levels.BreaksOff = false;

        var features = teacher.Features(batch);
        Assert.All(teacher.Paths, path => Assert.Equal(expected[path].Numbers(), features[path].Numbers()));
    }

    [Fact]
    public void A_pass_that_is_left_early_leaves_no_tensor()
    {
        using var teacher = new LiveTeacher(new TwoLevels(4), ["body"], Tiny.Image);
        var batch = Batch.Of(torch.randn(3, 1, 4, 5));
        teacher.Features(batch);
        var before = Tiny.LiveTensors;
        using (torch.NewDisposeScope())
        {
            teacher.Features(batch);
            Assert.Equal(before + 1, Tiny.LiveTensors);
        }

        Assert.Equal(before, Tiny.LiveTensors);
    }

    // Each module's output by a hook that copies at once: no tap, no folding.
    private Dictionary<string, Tensor> Plain()
    {
        var outputs = new Dictionary<string, Tensor>();
        var hooks = Paths.Select(path => ((Module<Tensor, Tensor>)TapSet.Find(model, path)).register_forward_hook((_, _, output) =>
        {
            outputs[path] = output.detach().clone().DetachFromDisposeScope();
            return output;
        })).ToList();
        model.eval();
        using (torch.no_grad())
        {
            model.call(images);
        }

        hooks.ForEach(hook => hook.remove());
        model.train();
        return outputs;
    }
}
