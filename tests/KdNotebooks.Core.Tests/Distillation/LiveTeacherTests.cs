using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Weights;

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
        using var teacher = new LiveTeacher(model, Paths, 1, 8, 8);
        var features = teacher.Features(images);
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
        using var teacher = new LiveTeacher(model, ["layer3", TapSet.Output], 1, 8, 8);
        var features = teacher.Features(images);
        Tiny.AssertClose(expected["layer3"], features["layer3"]);
        Tiny.AssertClose(expected[TapSet.Output], features[TapSet.Output]);
    }

    [Fact]
    public void No_gradient_reaches_it_and_a_students_gradient_flows_beside_it()
    {
        using var teacher = new LiveTeacher(model, ["layer3"], 1, 8, 8);
        var features = teacher.Features(images)["layer3"];
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
        using var teacher = new LiveTeacher(model, Paths, 1, 8, 8);
        var before = StateDict.Fingerprint(model);
        teacher.Features(images);
        Assert.All(model.modules(), module => Assert.False(module.training));
        Assert.Equal(before, StateDict.Fingerprint(model));
    }

    [Fact]
    public void The_callers_scope_owns_the_features_and_nothing_else_is_left()
    {
        using var teacher = new LiveTeacher(model, Paths, 1, 8, 8);
        var before = Tiny.LiveTensors;
        using (torch.NewDisposeScope())
        {
            Assert.Equal(Paths.Length, teacher.Features(images).Count);
            Assert.Equal(before + Paths.Length, Tiny.LiveTensors);
        }

        Assert.Equal(before, Tiny.LiveTensors);
    }

    [Fact]
    public void A_second_batch_leaves_the_features_of_the_first_as_they_were()
    {
        using var teacher = new LiveTeacher(model, Paths, 1, 8, 8);
        var first = teacher.Features(images);
        var numbers = Paths.ToDictionary(path => path, path => first[path].Numbers());
        teacher.Features(-images);
        Assert.All(Paths, path => Assert.Equal(numbers[path], first[path].Numbers()));
    }

    // Each module's output by a hook that copies at once: no tap, no folding.
    private Dictionary<string, Tensor> Plain()
    {
        var outputs = new Dictionary<string, Tensor>();
        var hooks = Paths.Select(path => TapSet.Find(model, path).register_forward_hook((_, _, output) =>
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
