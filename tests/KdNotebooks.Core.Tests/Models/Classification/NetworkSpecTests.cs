using KdNotebooks.Data;
using KdNotebooks.Models.Classification;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Models.Classification;

public sealed class NetworkSpecTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void In_a_recipe_it_is_its_name_and_the_options_that_were_chosen()
    {
        var plain = RecipeJson.Write(Recipe(new("wrn_40_2")));
        Assert.Contains("\"kind\": \"network\",\n    \"network\": \"wrn_40_2\"\n", plain);
        var spec = new NetworkSpec("mobilenet_v1") { Width = 0.25, StemStride = 1 };
        var full = RecipeJson.Write(Recipe(spec));
        Assert.Contains("\"network\": \"mobilenet_v1\",\n    \"width\": 0.25,\n    \"stemStride\": 1\n", full);
        Assert.Equal(spec, RecipeJson.Read(full).Student);
        Assert.Equal(new NetworkSpec("wrn_40_2"), RecipeJson.Read(plain).Student);
    }

    [Theory]
    [InlineData("\"network\": \"resnet20\"", "\"networks\": \"resnet20\"", "networks")]
    [InlineData("\"network\": \"resnet20\"", "\"network\": 20", "network")]
    [InlineData("\"network\": \"resnet20\"", "\"network\": null", "network")]
    [InlineData("\"network\": \"resnet20\"", "\"network\": \"resnet20\", \"width\": \"wide\"", "width")]
    [InlineData("\"network\": \"resnet20\"", "\"network\": \"resnet20\", \"depth\": 20", "depth")]
    public void Json_that_is_no_such_thing_is_refused(string before, string after, string message)
    {
        var json = RecipeJson.Write(Recipe(new("resnet20")));
        Assert.Contains(before, json);
        Assert.Contains(message, Assert.Throws<KdException>(() => RecipeJson.Read(json.Replace(before, after))).Message);
    }

    [Theory]
    [InlineData("resnet8x5", null, null, 3, 10, "'resnet8x5' is no network's name; the nearest is 'resnet8x4'")]
    [InlineData("RESNET8X4", null, null, 3, 10, "the nearest is 'resnet8x4'")]
    [InlineData("resnet20", 0.5, null, 3, 10, "resnet20: width is 0.5, which it has no use for")]
    [InlineData("mobilenet_v2", null, 1, 3, 10, "mobilenet_v2: stemStride is 1, which it has no use for")]
    [InlineData("mobilenet_v1", 0.0, null, 3, 10, "mobilenet_v1: width is 0; expected 0.01 to 10")]
    [InlineData("mobilenet_v1", 1e9, null, 3, 10, "expected 0.01 to 10")]
    [InlineData("mobilenet_v1", double.NaN, null, 3, 10, "expected 0.01 to 10")]
    [InlineData("mobilenet_v1", null, 3, 3, 10, "mobilenet_v1: stemStride is 3; expected 2, or 1")]
    [InlineData("vgg8", null, null, 0, 10, "vgg8: channels 0, classes 10")]
    [InlineData("vgg8", null, null, 3, 1, "vgg8: channels 3, classes 1")]
    [InlineData("vgg8", null, null, 3, 2_000_000_000, "classes 2000000000; expected")]
    public void What_cannot_be_built_is_refused(
        string name, double? width, int? stride, int channels, int classes, string message) =>
        Assert.Contains(message, Assert.Throws<KdException>(
            () => new NetworkSpec(name) { Width = width, StemStride = stride }.Build(channels, classes)).Message);

    [Fact]
    public void Its_name_says_what_it_is()
    {
        Assert.Equal("resnet8x4", new NetworkSpec("resnet8x4").Name);
        Assert.Equal(
            "mobilenet_v1 (width 0.125, stem stride 1)", new NetworkSpec("mobilenet_v1") { Width = 0.125, StemStride = 1 }.Name);
    }

    // As torchvision and OpenMMLab round: to the nearest multiple of 8, never by a tenth downwards.
    [Theory]
    [InlineData(4, 8)]
    [InlineData(11.9, 16)]
    [InlineData(12, 16)]
    [InlineData(19, 24)]
    [InlineData(20, 24)]
    [InlineData(99, 96)]
    [InlineData(1024, 1024)]
    public void Channels_are_rounded_as_the_code_bases_do(double asked, long rounded) =>
        Assert.Equal(rounded, Channels.Of(asked));

    [Theory]
    [InlineData("vgg11_bn")]
    public void An_image_that_is_too_small_is_refused(string name)
    {
        // Its linear part is of a hundred million numbers, which are never looked at: the map comes first.
        using var model = new NetworkSpec(name).Build(1, 2);
        Assert.Contains("an image is 28x28 pixels; expected at least 32x32", Assert.Throws<KdException>(
            () => model.call(torch.zeros(2, 1, 28, 28))).Message);
    }

    private static Recipe Recipe(NetworkSpec spec) => new() { Method = "m", Data = new DataSpec("d"), Student = spec };
}
