using KdNotebooks.Kernel.Jupyter.Install;

namespace KdNotebooks.Extensions.Tests.Kernel.Jupyter.Install;

public sealed class JupyterPlaceTests
{
    private static string OfUser(params (string Name, string Value)[] variables) =>
        JupyterPlace.OfUser(name => variables.FirstOrDefault(variable => variable.Name == name).Value);

    [Fact]
    public void Jupyters_own_variable_goes_before_the_systems() =>
        Assert.Equal(
            Path.Combine("/data", "kernels"), OfUser(("JUPYTER_DATA_DIR", "/data"), ("XDG_DATA_HOME", "/xdg")));

    [Fact]
    public void Without_it_the_users_data_folder_is_taken()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "other systems have other folders");
        Assert.Equal("/xdg/jupyter/kernels", OfUser(("XDG_DATA_HOME", "/xdg")));
        Assert.EndsWith("/.local/share/jupyter/kernels", OfUser());
    }

    [Fact]
    public void A_prefix_has_its_kernels_below_share() =>
        Assert.Equal(
            Path.GetFullPath(Path.Combine("env", "share", "jupyter", "kernels")), JupyterPlace.OfPrefix("env"));
}
