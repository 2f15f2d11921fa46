using System.Reflection;
using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Jupyter.Wire;

namespace KdNotebooks.Kernel.Jupyter.Answers;

/// <summary>Answers kernel_info_request.</summary>
internal static class KernelInfo
{
    /// <summary>Of this program; without the commit that the build adds to it.</summary>
    public static string Version { get; } = typeof(KernelInfo).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static JsonObject Of() => new()
    {
        ["status"] = "ok",
        ["protocol_version"] = Outlet.ProtocolVersion,
        ["implementation"] = "kd-fsharp",
        ["implementation_version"] = Version,
        ["language_info"] = new JsonObject
        {
            ["name"] = "F#",
            ["version"] = typeof(Microsoft.FSharp.Core.Unit).Assembly.GetName().Version!.ToString(2),
            ["mimetype"] = "text/x-fsharp",
            ["file_extension"] = ".fs",
            ["pygments_lexer"] = "fsharp",
            ["codemirror_mode"] = "text/x-fsharp",
            ["nbconvert_exporter"] = "script",
        },
        ["banner"] = $"KdNotebooks {Version}: feature distillation in F#",
        ["help_links"] = new JsonArray(),
    };
}
