using System.Text.Json;
using System.Text.Json.Nodes;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Charts;

/// <summary>
/// A chart as Plotly's JSON. It carries text and no chart library's type, so that it crosses to hosts that cannot load
/// that library.
/// </summary>
public sealed record Figure
{
    private readonly JsonArray data;
    private readonly JsonObject layout;

    /// <param name="dataJson">Plotly traces, a JSON array.</param>
    /// <param name="layoutJson">Plotly layout, a JSON object.</param>
    /// <param name="altText">What a reader who cannot see the figure is told: one or two sentences.</param>
    /// <param name="table">The numbers of the figure in columns of text.</param>
    /// <exception cref="KdException">Either text is not JSON of its kind.</exception>
    public Figure(string dataJson, string layoutJson, string altText, string table)
    {
        data = Parse<JsonArray>(dataJson, "data");
        layout = Parse<JsonObject>(layoutJson, "layout");
        AltText = altText;
        Table = table;
    }

    public string AltText { get; }

    public string Table { get; }

    /// <summary>The layout's title as plain text; empty where the layout's own is the only one.</summary>
    public string Title { get; init; } = "";

    /// <summary>What the marks are, in plain text: "line: mean over 3 seeds".</summary>
    public string Says { get; init; } = "";

    /// <summary>CSS pixels; the default value is 440. The width follows the page to <see cref="MaxWidth"/>.</summary>
    public int Height { get; init; } = 440;

    /// <summary>CSS pixels; the default value is 860.</summary>
    public int MaxWidth { get; init; } = 860;

    /// <summary>
    /// {data, layout, config}, with every character escaped that means something in HTML. The alternative text, the
    /// title as plain text and the greatest width travel in layout.meta, where Plotly keeps them.
    /// </summary>
    public string ToJson()
    {
        var sized = (JsonObject)layout.DeepClone();
        sized["height"] = Height;
        sized["autosize"] = true;
        sized["meta"] = new JsonObject
        {
            ["alt"] = AltText,
            ["title"] = Title,
            ["says"] = Says,
            ["maxWidth"] = MaxWidth,
        };
        return new JsonObject
        {
            ["data"] = data.DeepClone(),
            ["layout"] = sized,
            ["config"] = new JsonObject
            {
                ["responsive"] = true,
                ["displaylogo"] = false,
                ["modeBarButtonsToRemove"] = new JsonArray("select2d", "lasso2d", "autoScale2d"),
                ["toImageButtonOptions"] = new JsonObject { ["format"] = "svg" },
            },
        }.ToJsonString();
    }

    private static T Parse<T>(string json, string part) where T : JsonNode
    {
        try
        {
            return JsonNode.Parse(json) as T
                ?? throw new KdException($"Figure: {part} should be a {typeof(T).Name}; got {Start(json)}.");
        }
        catch (JsonException error)
        {
            throw new KdException($"Figure: {part} is not JSON ({error.Message}); it starts {Start(json)}.", error);
        }
    }

    private static string Start(string json) => $"'{(json.Length <= 40 ? json : json[..40] + "...")}'";
}
