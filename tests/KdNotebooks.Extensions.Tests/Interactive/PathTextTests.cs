using KdNotebooks.Interactive;

namespace KdNotebooks.Extensions.Tests.Interactive;

public sealed class PathTextTests
{
    [Fact]
    public void Below_the_current_folder_a_path_is_relative() => Assert.Equal(
        Path.Combine("a", "b.txt"), PathText.Of(Path.Combine(Directory.GetCurrentDirectory(), "a", "b.txt")));

    [Fact]
    public void The_user_s_own_folder_is_a_tilde() => Assert.StartsWith(
        "~", PathText.Of(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".zz", "b")));

    [Fact]
    public void Another_path_stays_as_it_is()
    {
        var elsewhere = Path.Combine(Path.GetPathRoot(Directory.GetCurrentDirectory())!, "zz-elsewhere", "b");
        Assert.Equal(elsewhere, PathText.Of(elsewhere));
    }
}
