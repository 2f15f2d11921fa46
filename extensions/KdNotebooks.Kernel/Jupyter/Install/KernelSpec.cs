using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Jupyter.Wire;

namespace KdNotebooks.Kernel.Jupyter.Install;

/// <summary>What Jupyter is told of the kernel: its name, and how it starts.</summary>
public static class KernelSpec
{
    /// <summary>The folder's name, by which notebooks choose their kernel.</summary>
    public const string Name = "kd-fsharp";

    public const string DisplayName = "F# (KdNotebooks)";

    /// <summary>kernel.json for the program that runs now.</summary>
    public static string OfThisProgram() => Json(
        Program(Environment.ProcessPath!, Environment.GetCommandLineArgs()[0]), RuntimeFolder());

    /// <param name="program">The command that starts <c>kd</c>, in words.</param>
    /// <param name="dotnet">
    /// Where .NET is: a Jupyter that was started from a desktop has none of the shell's variables.
    /// </param>
    public static string Json(IReadOnlyList<string> program, string dotnet)
    {
        IEnumerable<string> words = [.. program, "jupyter", "kernel", "{connection_file}"];
        return new JsonObject
        {
            ["argv"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]),
            ["display_name"] = DisplayName,
            ["language"] = "F#",
            ["interrupt_mode"] = "message",
            ["env"] = new JsonObject { ["DOTNET_ROOT"] = dotnet },
            ["metadata"] = new JsonObject { ["debugger"] = false },
        }.ToJsonString(JsonText.Indented) + "\n";
    }

    // Started as "dotnet kd.dll", the process is dotnet.
    internal static IReadOnlyList<string> Program(string process, string assembly) =>
        Path.GetFileNameWithoutExtension(process) == "dotnet" ? [process, Path.GetFullPath(assembly)] : [process];

    // .../shared/Microsoft.NETCore.App/10.0.0/
    private static string RuntimeFolder() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
}
