using KdNotebooks.Native;

namespace KdNotebooks.Tests.Native;

[Collection(TorchState.Name)]
public sealed class MachineTests
{
    private static readonly Machine One = new("cpu", 1, "Some CPU X64", "fma avx2");

    [Fact]
    public void It_is_said_in_words()
    {
        Assert.Equal("1 thread of Some CPU X64 (fma avx2)", $"{One}");
        Assert.Equal("7 threads of Some CPU X64 (fma avx2)", $"{One with { Threads = 7 }}");
        Assert.Equal("cuda", $"{One with { Device = "cuda" }}"); // no bits are promised there
    }

    [Fact]
    public void It_is_the_one_that_the_calling_thread_computes_on()
    {
        var now = Machine.Current(torch.CPU);

        Assert.Equal(("cpu", torch.get_num_threads()), (now.Device, now.Threads));
        Assert.Equal(now, Machine.Current(torch.CPU));
        Assert.All([now.Processor, now.Instructions], text => Assert.NotEqual("", text));
    }

    [Fact]
    public void What_the_environment_asks_of_the_libraries_is_part_of_it()
    {
        const string Name = "ONEDNN_MAX_CPU_ISA";
        var before = (Environment.GetEnvironmentVariable(Name), Machine: Machine.Current(torch.CPU));
        try
        {
            Environment.SetEnvironmentVariable(Name, "AVX2");
            var asked = Machine.Current(torch.CPU);
            Assert.EndsWith($"{Name}=AVX2", asked.Instructions);
            Assert.NotEqual(before.Machine, asked);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Name, before.Item1);
        }
    }
}
