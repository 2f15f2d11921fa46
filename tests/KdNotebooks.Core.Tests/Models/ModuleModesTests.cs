using KdNotebooks.Models;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Models;

public sealed class ModuleModesTests
{
    // Each of sixteen ways in which a tree of four can stand is put back.
    [Fact]
    public void Every_part_stands_as_it_stood_whatever_its_parents_do()
    {
        var (inner, other) = (Conv2d(1, 1, 1), ReLU());
        var middle = Sequential(("inner", inner));
        using var whole = Sequential(("other", other), ("middle", middle));
        Module[] all = [whole, middle, inner, other];
        for (var ways = 0; ways < 16; ways++)
        {
            bool[] modes = [.. Enumerable.Range(0, 4).Select(i => (ways >> i & 1) == 1)];
            foreach (var (module, training) in all.Zip(modes))
            {
                module.train(training); // from the outside in
            }

            using (ModuleModes.Keep(whole))
            {
                whole.train(!whole.training);
            }

            Assert.Equal(modes, all.Select(module => module.training));
        }
    }
}
