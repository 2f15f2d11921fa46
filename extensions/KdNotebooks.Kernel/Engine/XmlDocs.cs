using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using FSharp.Compiler.Symbols;

namespace KdNotebooks.Kernel.Engine;

/// <summary>Documentation comments as plain text.</summary>
internal static partial class XmlDocs
{
    private static readonly ConcurrentDictionary<string, Dictionary<string, XElement>> Files = [];

    /// <summary>Summary, parameters, result and errors; empty where nothing is documented.</summary>
    public static string TextOf(FSharpXmlDoc doc) => doc switch
    {
        FSharpXmlDoc.FromXmlText text => Text(Parse(string.Join('\n', text.Item.UnprocessedLines))),
        FSharpXmlDoc.FromXmlFile file => Text(Files.GetOrAdd(file.dllName, Load).GetValueOrDefault(file.xmlSig)),
        _ => "",
    };

    private static Dictionary<string, XElement> Load(string library)
    {
        try
        {
            return XDocument.Load(Path.ChangeExtension(library, ".xml")).Descendants("member")
                .Where(member => member.Attribute("name") is not null)
                .GroupBy(member => member.Attribute("name")!.Value)
                .ToDictionary(same => same.Key, same => same.First());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or XmlException)
        {
            return [];
        }
    }

    // Comments without tags are a summary to F#, and need be no XML at all.
    private static XElement Parse(string comment)
    {
        try
        {
            return XElement.Parse($"<member>{comment}</member>", LoadOptions.PreserveWhitespace);
        }
        catch (XmlException)
        {
            return new XElement("member", comment);
        }
    }

    private static string Text(XElement? member)
    {
        if (member is null)
        {
            return "";
        }

        var summary = Plain(member.Element("summary") ?? (member.HasElements ? null : member));
        var lines = member.Elements().Select(element => element.Name.LocalName switch
        {
            "param" => $"{element.Attribute("name")?.Value}: {Plain(element)}",
            "returns" => $"Returns: {Plain(element)}",
            "exception" => $"Throws {Short(element.Attribute("cref")?.Value)}: {Plain(element)}",
            _ => "",
        }).Where(line => line.Length > 0);
        return string.Join("\n\n", new[] { summary, string.Join('\n', lines) }.Where(part => part.Length > 0));
    }

    private static string Plain(XElement? element) =>
        element is null ? "" : Spaces().Replace(string.Concat(element.DescendantNodes().Select(Plain)), " ").Trim();

    private static string Plain(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { IsEmpty: true } reference => Short(reference.Attributes().FirstOrDefault()?.Value),
        _ => "",
    };

    // "M:KdNotebooks.Loss.Compute(Tensor)" is "Compute" to a reader.
    private static string Short(string? reference)
    {
        var name = reference?.Split('(')[0] ?? "";
        return name[(name.LastIndexOfAny(['.', ':']) + 1)..];
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
