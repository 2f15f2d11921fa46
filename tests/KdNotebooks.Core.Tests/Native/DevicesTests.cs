using KdNotebooks.Native;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Native;

[Collection(TorchState.Name)]
public sealed class DevicesTests
{
    [Fact]
    public void The_cpu_is_always_there() => Assert.Equal(DeviceType.CPU, Devices.Select("cpu").type);

    [Fact]
    public void Auto_takes_cuda_only_where_there_is_one() =>
        Assert.Equal(torch.cuda.is_available() ? DeviceType.CUDA : DeviceType.CPU, Devices.Select("auto").type);

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:one")]
    public void An_unknown_name_is_refused_with_those_known(string name)
    {
        var error = Assert.Throws<KdException>(() => Devices.Select(name));

        Assert.Contains($"'{name}' is not known; expected 'auto', 'cpu', 'cuda' or 'cuda:N'", error.Message);
    }

    [Fact]
    public void A_cuda_device_that_is_not_there_is_refused_with_the_way_out()
    {
        var error = Assert.Throws<KdException>(() => Devices.Select("cuda:99"));

        Assert.Contains("cuda:99", error.Message);
        Assert.Matches("TorchBackend=cuda|there are", error.Message);
    }

    [Fact]
    public void One_seed_draws_the_same_numbers_twice()
    {
        using var scope = torch.NewDisposeScope();
        Seed.Set(7);
        var first = torch.randn(8).data<float>().ToArray();
        Seed.Set(7);

        Assert.Equal(first, torch.randn(8).data<float>().ToArray());
    }
}
