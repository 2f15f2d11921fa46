using System.Text.Json;
using KdNotebooks.Runtime;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Weights.PyTorch;

/// <summary>Files that PyTorch 1.13 wrote, with their values: golden/*.pth and golden/saved.json.</summary>
public sealed class SavedFileTests : IDisposable
{
    private static readonly JsonElement Given = TorchFileAssert.Expected("expected.json");
    private static readonly JsonElement Made = TorchFileAssert.Expected("saved.json");

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> GivenNames => [.. Given.EnumerateObject().Select(file => file.Name)];

    public static TheoryData<string> MadeNames => [.. Made.EnumerateObject().Select(file => file.Name)];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(GivenNames))]
    public void A_file_holds_what_PyTorch_had_in_it(string name)
    {
        using var file = WeightsFile.Open(TorchFileAssert.Golden(name));
        TorchFileAssert.Holds(Given.GetProperty(name).GetProperty("entries"), file);
        Assert.Equal(Given.GetProperty(name).TryGetProperty("key", out var key) ? key.GetString() : "", file.Entry);
    }

    [Theory]
    [MemberData(nameof(MadeNames))]
    public void Every_format_protocol_and_kind_of_checkpoint_is_read_or_refused_in_one_line(string name)
    {
        var expected = Made.GetProperty(name);
        var path = folder.Write("file.pth", expected.GetProperty("file").GetBytesFromBase64());
        if (expected.TryGetProperty("error", out var error))
        {
            var message = Assert.Throws<KdException>(() => WeightsFile.Open(path)).Message;
            Assert.All(error.EnumerateArray(), part => Assert.Contains(part.GetString()!, message));
            Assert.StartsWith(path, message);
            Assert.DoesNotContain('\n', message);
            return;
        }

        using var file = WeightsFile.Open(path);
        TorchFileAssert.Holds(expected.GetProperty("entries"), file);
        Assert.Equal(expected.TryGetProperty("entry", out var entry) ? entry.GetString() : "", file.Entry);
        Assert.Equal(Names("refused"), file.Refused.Keys.Order(StringComparer.Ordinal));
        Assert.All(
            Names("not_built"), known => Assert.Contains(file.NotBuilt.Keys, name => name.Split('.')[^1] == known.Split('.')[^1]));
        Assert.All(file.Refused.Keys, refused => Assert.Contains(
            $"'{refused}' cannot be read: ", Assert.Throws<KdException>(() => file.Load(refused)).Message));
        Assert.False(File.Exists("/tmp/kd-was-run"));

        IEnumerable<string> Names(string property) => expected.TryGetProperty(property, out var names)
            ? names.EnumerateArray().Select(each => each.GetString()!).Order(StringComparer.Ordinal) : [];
    }

    [Fact]
    public void One_of_several_state_dicts_is_chosen_by_its_name()
    {
        var path = folder.Write("file.pth", Made.GetProperty("several").GetProperty("file").GetBytesFromBase64());
        using var student = WeightsFile.Open(path, "student");
        using var average = WeightsFile.Open(path, "ema");
        Assert.Equal((7, 8), (student.Entries.Count, average.Entries.Count));
        Assert.Contains(
            "has no weights under 'teacher'; it has 'ema' (8 tensors), 'student' (7 tensors)",
            Assert.Throws<KdException>(() => WeightsFile.Open(path, "teacher")).Message);
    }

    [Fact]
    public void All_tensors_are_read_at_once_and_share_no_memory()
    {
        using var scope = torch.NewDisposeScope();
        using var file = WeightsFile.Open(TorchFileAssert.Golden("views.pth"));
        var all = file.LoadAll();
        all["whole"].zero_();
        Assert.Equal(276, all["transposed"].sum().ToDouble());
    }
}
