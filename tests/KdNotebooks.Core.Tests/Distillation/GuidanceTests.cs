using KdNotebooks.Aligners;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;

namespace KdNotebooks.Tests.Distillation;

public sealed class GuidanceTests
{
    [Fact]
    public void Its_paths_are_those_of_the_connections_the_review_and_the_logits()
    {
        var guidance = new Guidance(
            [new("s1", "t1", new Linear(), new L2Loss(), 1)], new LogitConnection(new KdLoss(), 1),
            new FusedConnection([new("s2", "t2"), new("s1", "t3")], new L2Loss(), 1));
        Assert.Equal(["s1", "s2", "s1"], guidance.StudentPaths);
        Assert.Equal(["t1", "t2", "t3", ""], guidance.TeacherPaths);
    }

    [Fact]
    public void A_student_alone_has_none()
    {
        Assert.Empty(Guidance.None.StudentPaths);
        Assert.Empty(Guidance.None.TeacherPaths);
    }
}
