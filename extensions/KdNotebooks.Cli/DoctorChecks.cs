using System.Runtime.InteropServices;
using KdNotebooks.Data;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Runtime;

namespace KdNotebooks.Cli;

/// <summary>
/// Whether a finding lets notebooks run (Good), is only worth knowing (Note), or stops them (Failed).
/// </summary>
internal enum DoctorState { Good, Note, Failed }

/// <param name="Remedy">What to do; empty where nothing is to be done.</param>
internal sealed record DoctorFinding(DoctorState State, string Subject, string Text, string Remedy = "");

/// <summary>What <c>kd doctor</c> looks at; each check is one method that throws nothing.</summary>
internal static class DoctorChecks
{
    public static IEnumerable<DoctorFinding> All() =>
        [Runtime(), Machine(), Memory(), Native(), Device(), Engine(), MiniData(), FullData(), Folder(), Browser()];

    private static DoctorFinding Runtime() => new(DoctorState.Good, ".NET", RuntimeInformation.FrameworkDescription);

    private static DoctorFinding Machine() => new(
        DoctorState.Good, "machine",
        $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, "
        + $"{Environment.ProcessorCount} cores");

    private static DoctorFinding Memory()
    {
        var bytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var text = $"{bytes / 1073741824.0:F1} GiB";
        return bytes >= 2L << 30
            ? new(DoctorState.Good, "memory", text)
            : new(DoctorState.Note, "memory", text, "Less than 2 GiB: use --preset smoke, or smaller batches.");
    }

    private static DoctorFinding Native()
    {
        var status = NativeLibraries.Status;
        var text = status.Library.Length == 0 ? "left to TorchSharp's own loading"
            : status.Waived is { } version ? $"{status.Library} (mended copy: {version} is not on this system)"
            : status.Library;
        return status.Error is { } error
            ? new(DoctorState.Failed, "native libraries", "not loaded", error)
            : new(DoctorState.Good, "native libraries", text);
    }

    private static DoctorFinding Device() => Try("device", () =>
    {
        NativeLibraries.EnsureLoaded();
        using var scope = torch.NewDisposeScope();
        var sum = torch.ones(2, 2).sum().item<float>();
        return sum != 4 ? throw new KdException($"torch is broken: ones(2, 2) sums to {sum}.")
            : torch.cuda.is_available() ? $"cuda, {torch.cuda.device_count()} device(s)"
            : "cpu (no CUDA device can be used; build with -p:TorchBackend=cuda where there is one)";
    });

    private static DoctorFinding Engine() => Try("F# engine", () =>
    {
        using var engine = new FSharpEngine();
        var result = engine.Evaluate("KdNotebooks.Runtime.Workspace.Output |> ignore\n[1..3] |> List.sum");
        return result.Error is { } error
            ? throw new KdException(error.Message)
            : $"F# {typeof(Microsoft.FSharp.Core.Unit).Assembly.GetName().Version}, ready";
    });

    private static DoctorFinding MiniData() => Try("dataset mini", () =>
    {
        FashionMnist.Mini();
        return "Fashion-MNIST mini, embedded, sound";
    });

    private static DoctorFinding FullData()
    {
        var places = FashionMnist.Locate();
        return places.FirstOrDefault(place => place.Complete) is { } found
            ? new(DoctorState.Good, "dataset full", $"Fashion-MNIST in {found.Folder} ({found.Source})")
            : new(
                DoctorState.Note, "dataset full",
                "Fashion-MNIST not found (only preset paper needs it); looked in "
                + string.Join(", ", places.Select(place => place.Folder)),
                "Run: kd data get fashion-mnist; or install the Debian package dataset-fashion-mnist.");
    }

    private static DoctorFinding Folder() => Try("current folder", () =>
    {
        var folder = Directory.GetCurrentDirectory();
        File.Create(Path.Combine(folder, Path.GetRandomFileName()), 1, FileOptions.DeleteOnClose).Dispose();
        return $"{folder}, can be written";
    });

    private static DoctorFinding Browser()
    {
        string[] names = ["chromium", "chromium-browser", "google-chrome", "firefox"];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var found = names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
        return new(DoctorState.Note, "browser", found ?? "none found (not needed to run; reports open in any browser)");
    }

    // A check that fails in an unforeseen way is a finding too, not the end of the others.
    private static DoctorFinding Try(string subject, Func<string> check)
    {
        try
        {
            return new(DoctorState.Good, subject, check());
        }
        catch (Exception error)
        {
            return new(DoctorState.Failed, subject, "does not work", error.Message);
        }
    }
}
