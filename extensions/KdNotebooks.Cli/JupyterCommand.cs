using System.CommandLine;
using System.Runtime.InteropServices;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Kernel.Jupyter;
using KdNotebooks.Kernel.Jupyter.Install;
using KdNotebooks.Kernel.Jupyter.Wire;

namespace KdNotebooks.Cli;

/// <summary><c>kd jupyter</c>: makes the F# kernel known to Jupyter, and serves it.</summary>
internal static class JupyterCommand
{
    public static Command Create(TextWriter output, TextWriter error) =>
        new("jupyter", "Installs the F# kernel into Jupyter, and serves it.")
        {
            Change("install", "Makes the kernel known to Jupyter.", kernels =>
            {
                var folder = KernelSpecFolder.Install(kernels, KernelSpec.OfThisProgram());
                output.WriteLine($"Wrote {folder}.");
                output.WriteLine(
                    $"Jupyter now offers '{KernelSpec.DisplayName}'; notebooks name it {KernelSpec.Name}.");
            }, error),
            Change("uninstall", "Takes the kernel away from Jupyter.", kernels =>
                output.WriteLine($"Removed {KernelSpecFolder.Uninstall(kernels)}."), error),
            Kernel(error),
        };

    private static Command Change(string name, string what, Action<string> change, TextWriter error)
    {
        var user = new Option<bool>("--user") { Description = "In the user's own Jupyter folder. [default]" };
        var prefix = new Option<string?>("--prefix") { Description = "In DIR/share/jupyter.", HelpName = "DIR" };
        var python = new Option<bool>("--sys-prefix") { Description = "In the environment of the Python on the PATH." };
        var command = new Command(name, what) { user, prefix, python };
        command.Validators.Add(parsed =>
        {
            var chosen = new Option[] { user, prefix, python }
                .Where(option => parsed.GetResult(option) is { Implicit: false }).Select(option => option.Name).ToList();
            if (chosen.Count > 1)
            {
                parsed.AddError($"{string.Join(" and ", chosen)} name different places; choose one.");
            }
        });
        command.SetAction(parsed => LongWork.Run(error, _ =>
        {
            change(parsed.GetValue(python) ? JupyterPlace.OfPython()
                : parsed.GetValue(prefix) is { } folder ? JupyterPlace.OfPrefix(folder)
                : JupyterPlace.OfUser(Environment.GetEnvironmentVariable));
            return KdCommand.Ok;
        }, CancellationToken.None));
        return command;
    }

    private static Command Kernel(TextWriter error)
    {
        var file = new Argument<string>("CONNECTION_FILE") { Description = "Where to listen; Jupyter writes it." };
        var command = new Command("kernel", "Serves the kernel; Jupyter starts this.") { file };
        command.SetAction(parsed => Serve(ConnectionFile.Load(parsed.GetRequiredValue(file)), error));
        return command;
    }

    private static int Serve(ConnectionFile connection, TextWriter error)
    {
        StrayExceptions.Survive();
        using var engine = new FSharpEngine();
        using (var kernel = new JupyterKernel(connection, engine, error))
        {
            Serve(kernel);
        }

        JupyterKernel.WaitUntilSent();
        return KdCommand.Ok;
    }

    private static void Serve(JupyterKernel kernel)
    {
        // A Ctrl-C in Jupyter's terminal reaches its kernels too; it must not end them.
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            kernel.Interrupt();
        });
        ParentWatch.Start(Environment.GetEnvironmentVariable(ParentWatch.Variable), kernel.Stop);
        kernel.Run();
    }
}
