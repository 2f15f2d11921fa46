using System.CommandLine;
using KdNotebooks.Interactive;

namespace KdNotebooks.Cli;

/// <summary><c>kd doctor</c>: what this machine has, what is missing, and how to mend it.</summary>
internal static class DoctorCommand
{
    public static Command Create(TextWriter output)
    {
        var command = new Command("doctor", "Shows device, native libraries and datasets, and what is missing.");
        command.SetAction(_ => Report(output));
        return command;
    }

    private static int Report(TextWriter output)
    {
        var report = DoctorChecks.All();
        output.WriteLine(report);
        var failed = report.Findings.Count(finding => finding.State == FindingState.Failed);
        output.WriteLine();
        output.WriteLine(failed == 0
            ? "Ready: notebooks can run here."
            : $"Not ready: {failed} of the above must be mended first.");
        return failed == 0 ? KdCommand.Ok : KdCommand.Failed;
    }
}
