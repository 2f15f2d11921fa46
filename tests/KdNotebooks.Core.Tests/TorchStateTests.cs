using System.Text.RegularExpressions;

namespace KdNotebooks.Tests;

/// <summary>A test that seeds torch's generator is no test while another draws from it.</summary>
public sealed partial class TorchStateTests
{
    [Fact]
    public void Whoever_seeds_runs_alone()
    {
        var tests = Sources.Below("tests/KdNotebooks.Core.Tests", ".cs")
            .Where(file => Test().IsMatch(file.Text) && Seeds().IsMatch(Sources.Code(file.Text))).ToList();

        Assert.True(tests.Count > 15, $"{tests.Count} files of tests that seed");
        var beside = tests.Where(file => !file.Text.Contains("[Collection(TorchState.Name)]")).Select(file => file.Path);
        Assert.True(!beside.Any(), "Seed beside other tests: " + string.Join(", ", beside));
    }

    [GeneratedRegex(@"^    \[(?:Fact|Theory)", RegexOptions.Multiline)]
    private static partial Regex Test();

    // Dropout draws too, and whoever trains takes the generator with his own seed.
    [GeneratedRegex(@"\b(?:Seed\.Set|manual_seed|new TestRun|Dropout_\w+)\(")]
    private static partial Regex Seeds();
}
