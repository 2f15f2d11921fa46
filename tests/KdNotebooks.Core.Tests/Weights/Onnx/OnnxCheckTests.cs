using System.Diagnostics;
using System.Text.Json;
using KdNotebooks.Models;
using KdNotebooks.Models.Classification;
using KdNotebooks.Weights;
using KdNotebooks.Weights.Onnx;

namespace KdNotebooks.Tests.Weights.Onnx;

/// <summary>
/// What goes out is loaded by torchvision itself and looked at by ONNX's own checker, where Debian's packages of them are.
/// </summary>
public sealed class OnnxCheckTests : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Torchvision_loads_a_student_as_it_is_and_ONNX_finds_its_graph_sound()
    {
        Assert.SkipUnless(File.Exists(Python) && Run("-c", "import torch, torchvision, onnx").Code == 0, "no python3-torchvision, python3-onnx");
        foreach (var name in new[] { "resnet18", "mobilenet_v3_large", "shufflenet_v2_x1_0" })
        {
            Write(name, [3, 64, 64]);
        }

        var (code, output) = Run(Path.Combine(Sources.Root, "tests", "golden", "check_export.py"), folder.Path);
        Assert.True(code == 0, output);
        Assert.Equal(3, output.Split("torchvision loads it strictly").Length - 1);
    }

    private void Write(string name, long[] image)
    {
        using var noGrad = torch.no_grad();
        var module = Wave.Fill(new NetworkSpec(name).Build(3, 7));
        module.eval();
        var images = (torch.arange(2 * image.Aggregate(1L, (a, b) => a * b), dtype: torch.float64) * 0.37).sin().to(torch.float32)
            .view([2, .. image]);
        StateDict.Save(folder.File($"{name}.safetensors"), module);
        OnnxExport.Write(folder.File($"{name}.onnx"), Network.Of(module), image);
        File.WriteAllText(folder.File($"{name}.json"), JsonSerializer.Serialize(new
        {
            classes = 7,
            image,
            logits = module.call(images).contiguous().data<float>().ToArray(),
        }));
    }

    private static (int Code, string Output) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
