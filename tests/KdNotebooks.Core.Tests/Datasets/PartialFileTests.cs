using KdNotebooks.Datasets;

namespace KdNotebooks.Tests.Datasets;

public sealed class PartialFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_came_is_kept_with_the_name_of_its_version()
    {
        using (var part = PartialFile.Open(_folder.File("x")))
        {
            part.Restart(new("\"v1\""));
            await part.AppendAsync(new byte[] { 1, 2 }, TestContext.Current.CancellationToken);
        }

        using var again = PartialFile.Open(_folder.File("x"));
        Assert.Equal((2, "\"v1\""), (again.Length, again.Version?.ToString()));
        await again.AppendAsync(new byte[] { 3 }, TestContext.Current.CancellationToken);
        again.Finish();
        Assert.Equal([1, 2, 3], File.ReadAllBytes(_folder.File("x")));
        Assert.Equal(["x"], _folder.Names);
    }

    [Fact]
    public void An_empty_part_leaves_nothing()
    {
        PartialFile.Open(_folder.File("x")).Dispose();
        Assert.Empty(_folder.Names);
    }
}
