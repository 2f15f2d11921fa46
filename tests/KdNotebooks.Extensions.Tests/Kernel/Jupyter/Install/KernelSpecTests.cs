using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Jupyter.Install;

namespace KdNotebooks.Extensions.Tests.Kernel.Jupyter.Install;

public sealed class KernelSpecTests
{
    [Fact]
    public void It_says_how_the_kernel_starts_and_is_interrupted()
    {
        var spec = JsonNode.Parse(KernelSpec.Json(["/opt/kd"], "/opt/dotnet"))!;
        Assert.Equal(
            ["/opt/kd", "jupyter", "kernel", "{connection_file}"],
            spec["argv"]!.AsArray().Select(word => (string?)word));
        Assert.Equal("F# (KdNotebooks)", (string?)spec["display_name"]);
        Assert.Equal("F#", (string?)spec["language"]);
        Assert.Equal("message", (string?)spec["interrupt_mode"]);
        Assert.Equal("/opt/dotnet", (string?)spec["env"]!["DOTNET_ROOT"]);
    }

    [Fact]
    public void A_program_that_dotnet_runs_is_started_by_dotnet()
    {
        Assert.Equal(["/usr/bin/dotnet", "/opt/kd.dll"], KernelSpec.Program("/usr/bin/dotnet", "/opt/kd.dll"));
        Assert.Equal(["/opt/kd"], KernelSpec.Program("/opt/kd", "/opt/kd.dll"));
    }

    [Fact]
    public void This_program_finds_itself_and_its_runtime()
    {
        var spec = JsonNode.Parse(KernelSpec.OfThisProgram())!;
        Assert.True(File.Exists((string?)spec["argv"]![0]));
        var dotnet = (string)spec["env"]!["DOTNET_ROOT"]!;
        Assert.True(Directory.Exists(Path.Combine(dotnet, "shared", "Microsoft.NETCore.App")));
    }
}
