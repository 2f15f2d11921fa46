using KdNotebooks.Cli;
using KdNotebooks.Extensions.Tests.Kernel;

namespace KdNotebooks.Extensions.Tests.Cli;

/// <summary>Runs kd within the process: its output and errors as text, and a folder that goes with the test.</summary>
public abstract class CommandLineTest : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    protected string Output => output.ToString();

    protected string Error => error.ToString();

    public void Dispose()
    {
        folder.Dispose();
        output.Dispose();
        error.Dispose();
        GC.SuppressFinalize(this);
    }

    protected string At(params string[] parts) => folder.At(parts);

    protected int Run(params string[] arguments) => RunUntil(TestContext.Current.CancellationToken, arguments);

    /// <summary>Stops as at Ctrl-C when the token says so.</summary>
    protected int RunUntil(CancellationToken stop, params string[] arguments) =>
        KdCommand.Run(arguments, output, error, stop);
}
