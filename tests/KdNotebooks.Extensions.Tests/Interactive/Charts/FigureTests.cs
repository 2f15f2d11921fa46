using System.Text.Json.Nodes;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Interactive.Charts;

public sealed class FigureTests
{
    [Fact]
    public void Its_JSON_has_data_layout_and_config_and_says_what_it_shows()
    {
        var json = JsonNode.Parse(new Figure("[{\"y\":[1]}]", "{}", "One point.", "1").ToJson())!;

        Assert.Equal(1, (int)json["data"]![0]!["y"]![0]!);
        Assert.Equal("One point.", (string?)json["layout"]!["meta"]!["alt"]);
        Assert.Equal(440, (int)json["layout"]!["height"]!);
        Assert.False((bool)json["config"]!["displaylogo"]!);
    }

    [Fact]
    public void Its_JSON_can_stand_in_a_script() =>
        Assert.DoesNotContain("<", new Figure("[{\"name\":\"</script>\"}]", "{}", "<b>", "").ToJson());

    [Theory]
    [InlineData("{}", "{}", "data should be a JsonArray; got '{}'")]
    [InlineData("[]", "[", "layout is not JSON")]
    public void What_is_not_JSON_of_its_kind_is_refused_by_name(string data, string layout, string message) =>
        Assert.Contains(message, Assert.Throws<KdException>(() => new Figure(data, layout, "", "")).Message);
}
