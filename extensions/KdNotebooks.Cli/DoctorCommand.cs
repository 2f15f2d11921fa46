using System.CommandLine;

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
        var findings = DoctorChecks.All().ToList();
        var width = findings.Max(finding => finding.Subject.Length);
        foreach (var finding in findings)
        {
            var sign = finding.State switch { DoctorState.Good => "ok  ", DoctorState.Note => "-   ", _ => "FAIL" };
            output.WriteLine($"{sign} {finding.Subject.PadRight(width)}  {finding.Text}");
            if (finding.Remedy.Length > 0)
            {
                output.WriteLine($"     {new string(' ', width)}  -> {finding.Remedy}");
            }
        }

        var failed = findings.Count(finding => finding.State == DoctorState.Failed);
        output.WriteLine();
        output.WriteLine(failed == 0
            ? "Ready: notebooks can run here."
            : $"Not ready: {failed} of the above must be mended first.");
        return failed == 0 ? KdCommand.Ok : KdCommand.Failed;
    }
}
