using KdNotebooks.Aligners;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Distillation;

[Collection(TorchState.Name)]
public sealed class SharedModelTests
{
    private static readonly Guidance Held = new([new Connection("body", "body", new Linear(), new L2Loss(), 1)]);

    [Fact]
    public void A_model_is_not_its_own_teacher()
    {
        var model = Tiny.Classifier();
        using var teacher = new LiveTeacher(Network.Of(model), ["body"], Tiny.Image);
        Assert.Contains("one and the same model is student and teacher", Refused(model, teacher));
    }

    [Fact]
    public void A_part_of_the_teacher_is_no_part_of_the_student()
    {
        var body = Sequential(("conv", Conv2d(1, 4, 3, padding: 1)), ("bn", BatchNorm2d(4)));
        Module<Tensor, Tensor> Of() => Sequential(
            ("body", body), ("pool", AdaptiveAvgPool2d(1)), ("flat", Flatten()), ("fc", nn.Linear(4, 3)));
        using var teacher = new LiveTeacher(Network.Of(Of()), ["body"], Tiny.Image);
        Assert.Contains("'body.conv.weight' belongs to the student and to its teacher", Refused(Of(), teacher));
    }

    [Fact]
    public void Two_parameters_of_the_same_numbers_in_memory_are_shared()
    {
        var (student, model) = (Tiny.Classifier(), Tiny.Classifier());
        var ours = (TorchSharp.Modules.Linear)TapSet.Find(student, "fc");
        ours.weight = Parameter(((TorchSharp.Modules.Linear)TapSet.Find(model, "fc")).weight!.detach());
        using var teacher = new LiveTeacher(Network.Of(model), ["body"], Tiny.Image);
        Assert.Contains("'fc.weight' belongs to the student", Refused(student, teacher));
    }

    [Fact]
    public void A_copy_of_the_teacher_may_learn_from_it()
    {
        var (student, model) = (Tiny.Classifier(), Tiny.Classifier());
        student.load_state_dict(model.state_dict());
        using var teacher = new LiveTeacher(Network.Of(model), ["body"], Tiny.Image);
        using var distiller = new Distiller(Network.Of(student), Tiny.Task, Held, teacher.Maps, Tiny.Image);
        Assert.True(distiller.NeedsTeacher);
    }

    private static string Refused(Module<Tensor, Tensor> student, LiveTeacher teacher) => Assert.Throws<KdException>(
        () => new Distiller(Network.Of(student), Tiny.Task, Held, teacher.Maps, Tiny.Image)).Message;
}
