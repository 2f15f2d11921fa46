using KdNotebooks.Methods;

namespace KdNotebooks.Tests.Methods;

public sealed class MethodTableTests
{
    [Fact]
    public void A_block_says_what_is_compared_and_whose_weight_it_is() => Assert.Equal(
        "at            identity, at\n  weight      1000 (mdistiller, CIFAR-100)\n  about       Attention transfer.\n",
        MethodTable.Block(NamedMethods.Find("at")));

    [Fact]
    public void Every_method_has_one_block_and_no_more() => Assert.All(NamedMethods.All, method =>
        Assert.Single($"\n\n{MethodTable.Text}".Split("\n\n"), block => block.StartsWith($"{method.Name} ")));

    [Fact]
    public void The_student_alone_has_no_weight() =>
        Assert.DoesNotContain("weight", MethodTable.Block(NamedMethods.Find("none")));
}
