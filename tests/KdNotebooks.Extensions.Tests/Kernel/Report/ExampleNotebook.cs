using System.Text.Json.Nodes;
using KdNotebooks.Extensions.Tests.Interactive;
using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Charts;

namespace KdNotebooks.Extensions.Tests.Kernel.Report;

/// <summary>An executed notebook with an output of each kind that stopped in its last cell but one.</summary>
internal static class ExampleNotebook
{
    public static JsonObject Create(string hostile = Samples.Hostile) => Of(
        Markdown($"# A small *test*\n\nProse, $\\alpha$ and {hostile}."),
        Markdown("## Results\n\n| a | b |\n|---|---|\n| 1 | 2 |"),
        Code("let seeds = 3 // how many\nlet name: string = \"x\"", ["parameters"]),
        Code("curves", [], Shown(Samples.Curves(hostile))),
        Code("differences", [], Shown(DifferenceChart.Draw(Samples.Table(hostile)))),
        Code("table", [], Shown(Samples.Table(hostile)), Shown(Samples.Images(hostile))),
        Code(
            $"printfn \"{hostile}\"", [],
            Stream("stdout", $"\u001b[31m{hostile}\u001b[0m\n"), Stream("stderr", "careful\n")),
        Code("fail ()", [],
            Error("KdException", $"no run {hostile}", "\u001b[31mKdException\u001b[0m", "   at Cell.Main()")),
        NotRun("later ()"));

    public static JsonObject Of(params JsonObject[] cells) => new()
    {
        ["nbformat"] = 4,
        ["nbformat_minor"] = 5,
        ["metadata"] = new JsonObject(),
        ["cells"] = new JsonArray([.. cells]),
    };

    public static JsonObject Markdown(string source) =>
        new() { ["cell_type"] = "markdown", ["metadata"] = new JsonObject(), ["source"] = source };

    public static JsonObject Code(string source, string[] tags, params JsonObject[] outputs) => new()
    {
        ["cell_type"] = "code",
        ["metadata"] = new JsonObject { ["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)tag)]) },
        ["execution_count"] = 1,
        ["source"] = new JsonArray(
            [.. source.Split('\n').Select((line, i) => (JsonNode)(i == 0 ? line : "\n" + line))]),
        ["outputs"] = new JsonArray([.. outputs]),
    };

    public static JsonObject NotRun(string source)
    {
        var cell = Code(source, []);
        cell["execution_count"] = null;
        return cell;
    }

    public static JsonObject Shown(object value) => Data(Formatters.Format(value).Data
        .Select(form => (form.Key, form.Key.EndsWith("+json", StringComparison.Ordinal)
            ? JsonNode.Parse(form.Value)! : (JsonNode)form.Value)).ToArray());

    public static JsonObject Data(params (string Mime, JsonNode Content)[] forms) => new()
    {
        ["output_type"] = "display_data",
        ["metadata"] = new JsonObject(),
        ["data"] = new JsonObject(forms.Select(form => KeyValuePair.Create(form.Mime, (JsonNode?)form.Content))),
    };

    public static JsonObject Stream(string name, string text) =>
        new() { ["output_type"] = "stream", ["name"] = name, ["text"] = text };

    public static JsonObject Error(string name, string message, params string[] trace) => new()
    {
        ["output_type"] = "error",
        ["ename"] = name,
        ["evalue"] = message,
        ["traceback"] = new JsonArray([.. trace.Select(line => (JsonNode)line)]),
    };
}
