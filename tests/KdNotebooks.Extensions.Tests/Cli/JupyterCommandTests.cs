using KdNotebooks.Cli;
using KdNotebooks.Extensions.Tests.Kernel;

namespace KdNotebooks.Extensions.Tests.Cli;

public sealed class JupyterCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public void Dispose() => folder.Dispose();

    private int Kd(params string[] arguments) =>
        KdCommand.Run(["jupyter", .. arguments], output, error, TestContext.Current.CancellationToken);

    [Fact]
    public void Installing_and_uninstalling_tell_the_folder()
    {
        var kernel = folder.At("share", "jupyter", "kernels", "kd-fsharp");
        Assert.Equal(KdCommand.Ok, Kd("install", "--prefix", folder.Path));
        Assert.Contains($"Wrote {kernel}.", output.ToString());
        Assert.True(File.Exists(Path.Combine(kernel, "kernel.json")));
        Assert.Equal(KdCommand.Ok, Kd("uninstall", "--prefix", folder.Path));
        Assert.Contains($"Removed {kernel}.", output.ToString());
        Assert.Equal(KdCommand.Failed, Kd("uninstall", "--prefix", folder.Path));
        Assert.Contains($"not installed in {kernel}", error.ToString());
    }

    [Fact]
    public void Two_places_at_once_are_wrong_usage()
    {
        Assert.Equal(KdCommand.WrongUsage, Kd("install", "--user", "--prefix", folder.Path));
        Assert.Contains("--user and --prefix name different places; choose one.", error.ToString());
    }

    [Fact]
    public void A_connection_file_that_is_not_there_is_wrong_usage()
    {
        Assert.Equal(KdCommand.WrongUsage, Kd("kernel", folder.At("none.json")));
        Assert.Contains("'kd jupyter install'", error.ToString());
    }
}
