using System.Xml;
using System.Xml.Linq;

namespace KdNotebooks.Native;

/// <summary>
/// Where NuGet's cache keeps TorchSharp's native libraries: in a notebook that only references a package, nothing else
/// says where they are.
/// </summary>
internal static class PackageFolders
{
    // One has libtorch as a package below it, the other refers to the first.
    private static readonly string[] Backends = ["torchsharp-cpu", "torchsharp-cuda-linux"];

    /// <summary>
    /// The folders of the packages that belong to the loaded TorchSharp; none where it does not come from a cache.
    /// </summary>
    public static IEnumerable<string> OfTorchSharp()
    {
        // <cache>/torchsharp/0.107.0/lib/net8.0/TorchSharp.dll. Asking for the type's assembly loads nothing native.
        var library = new FileInfo(typeof(torch).Assembly.Location);
        return library.Directory?.Parent?.Parent is { Parent: { Name: "torchsharp", Parent: { } cache } } own
            ? Backends.SelectMany(backend => Needed(cache.FullName, backend, own.Name)).Prepend(own.FullName)
            : [];
    }

    /// <summary>A package's folder and those of the packages that it needs, in the versions that it names.</summary>
    internal static IEnumerable<string> Needed(string cache, string package, string version)
    {
        var folder = Path.Combine(cache, package.ToLowerInvariant(), version);
        var description = Path.Combine(folder, package.ToLowerInvariant() + ".nuspec");
        return File.Exists(description)
            ? Dependencies(description).Where(needed => needed.Id.StartsWith("libtorch", StringComparison.OrdinalIgnoreCase))
                .SelectMany(needed => Needed(cache, needed.Id, needed.Version)).Prepend(folder)
            : [];
    }

    private static List<(string Id, string Version)> Dependencies(string description)
    {
        try
        {
            return [.. XDocument.Load(description).Descendants()
                .Where(element => element.Name.LocalName == "dependency")
                .Select(element => ((string?)element.Attribute("id") ?? "", Exact((string?)element.Attribute("version"))))
                .Distinct()];
        }
        catch (Exception error) when (error is XmlException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // "[2.10.0, )" and "2.10.0" are what NuGet takes first: the least version.
    private static string Exact(string? version) => (version ?? "").Trim('[', ']', '(', ')').Split(',')[0].Trim();
}
