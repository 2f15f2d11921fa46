using System.Runtime.InteropServices;
using KdNotebooks.Datasets;
using KdNotebooks.Interactive.Formatting;
using KdNotebooks.Native;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive;

/// <summary>
/// Whether a finding lets notebooks run (Good), is only worth knowing (Note), or stops them (Failed).
/// </summary>
public enum FindingState { Good, Note, Failed }

/// <param name="Remedy">What to do; empty where nothing is to be done.</param>
public sealed record MachineFinding(FindingState State, string Subject, string Text, string Remedy = "");

/// <summary>What this machine has and lacks, in the order in which it was looked at.</summary>
public sealed record MachineReport(IReadOnlyList<MachineFinding> Findings)
{
    /// <summary>Looks; throws nothing. A host has more to look at than this.</summary>
    public static MachineReport Take() => new(
        [Versions(), DotNet(), Machine(), Memory(), Native(), Device(), MiniData(), FullData(), Output()]);

    /// <summary>Aligned columns of plain text.</summary>
    public override string ToString()
    {
        var width = Findings.Max(finding => finding.Subject.Length);
        return string.Join('\n', Findings.SelectMany(finding => Lines(finding, width)));
    }

    /// <summary>A check that fails in an unforeseen way is a finding too, not the end of the others.</summary>
    public static MachineFinding Try(string subject, Func<string> check)
    {
        try
        {
            return new(FindingState.Good, subject, check());
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return new(FindingState.Failed, subject, "does not work", error.Message);
        }
    }

    internal static MimeBundle Format(MachineReport report)
    {
        var rows = string.Concat(report.Findings.Select(Row));
        var html = HtmlStyle.Element + HtmlStyle.TableStart + "<tbody>" + rows + "</tbody></table></div>";
        return MimeBundle.OfHtml(html, report.ToString());
    }

    private static string Row(MachineFinding finding)
    {
        var text = finding.Remedy.Length > 0 ? $"{finding.Text} → {finding.Remedy}" : finding.Text;
        return HtmlText.Of($"<tr><td>{Sign(finding.State).Trim()}</td>")
            + HtmlText.Of($"<th scope=\"row\" class=\"kd-name\">{finding.Subject}</th>")
            + HtmlText.Of($"<td class=\"kd-name\">{text}</td></tr>");
    }

    private static string Sign(FindingState state) =>
        state switch { FindingState.Good => "ok  ", FindingState.Note => "-   ", _ => "FAIL" };

    private static IEnumerable<string> Lines(MachineFinding finding, int width)
    {
        yield return $"{Sign(finding.State)} {finding.Subject.PadRight(width)}  {finding.Text}";
        if (finding.Remedy.Length > 0)
        {
            yield return $"     {new string(' ', width)}  -> {finding.Remedy}";
        }
    }

    private static MachineFinding Versions()
    {
        static string Version(Type type) => type.Assembly.GetName().Version?.ToString(3) ?? "?";
        return new(FindingState.Good, "KdNotebooks",
            $"{Version(typeof(MachineReport))}, TorchSharp {Version(typeof(torch))}");
    }

    private static MachineFinding DotNet() => new(FindingState.Good, ".NET", RuntimeInformation.FrameworkDescription);

    private static MachineFinding Machine() => new(
        FindingState.Good, "machine",
        $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, "
        + $"{Environment.ProcessorCount} cores");

    private static MachineFinding Memory()
    {
        var bytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var text = $"{bytes / 1073741824.0:F1} GiB";
        return bytes >= 2L << 30
            ? new(FindingState.Good, "memory", text)
            : new(FindingState.Note, "memory", text, "Less than 2 GiB: use --preset smoke, or smaller batches.");
    }

    private static MachineFinding Native()
    {
        var status = NativeLibraries.Status;
        var text = status.Library.Length == 0 ? "left to TorchSharp's own loading"
            : status.Waived is { } version ? $"{PathText.Of(status.Library)} (mended copy: {version} is not on this system)"
            : PathText.Of(status.Library);
        return status.Error is { } error
            ? new(FindingState.Failed, "native libraries", "not loaded", error)
            : status.Library.Length > 0 && !status.ScalarsAreSafe ? new(
                FindingState.Note, "native libraries", text,
                "This system keeps a name of TorchSharp's library from being bound anew: a garbage collection during a "
                + "sum may, rarely, change a number in it. Run an experiment twice before you trust it.")
            : status.Library.Length > 0 && !status.CallsAreGuarded ? new(
                FindingState.Note, "native libraries", text,
                "This system keeps a name of TorchSharp's library from being bound anew: a matrix product of shapes "
                + "that do not fit ends the process.")
            : new(FindingState.Good, "native libraries", text);
    }

    private static MachineFinding Device() => Try("device", () =>
    {
        NativeLibraries.EnsureLoaded();
        using var scope = torch.NewDisposeScope();
        var sum = torch.ones(2, 2).sum().item<float>();
        return sum != 4 ? throw new KdException($"torch is broken: ones(2, 2) sums to {sum}.")
            : torch.cuda.is_available() ? $"cuda, {torch.cuda.device_count()} device(s)"
            : "cpu (no CUDA device can be used; build with -p:TorchBackend=cuda where there is one)";
    });

    private static MachineFinding MiniData() => Try("dataset mini", () =>
    {
        FashionMnist.Mini();
        return "Fashion-MNIST mini, embedded, sound";
    });

    private static MachineFinding FullData()
    {
        var places = FashionMnist.Locate();
        return places.FirstOrDefault(place => place.Complete) is { } found
            ? new(FindingState.Good, "dataset full", $"Fashion-MNIST in {found.Folder} ({found.Source})")
            : new(
                FindingState.Note, "dataset full",
                "Fashion-MNIST not found (only preset paper needs it); looked in "
                + string.Join(", ", places.Select(place => place.Folder)),
                "Run: kd data get fashion-mnist; or install the Debian package dataset-fashion-mnist.");
    }

    private static MachineFinding Output() =>
        new(FindingState.Good, "output folder", PathText.Of(RunContext.Current.Output));
}
