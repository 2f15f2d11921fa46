using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel;

/// <summary>Draws figures as pictures in a headless Chromium that can reach no network.</summary>
public static partial class StaticFiguresBrowser
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>The program's path; null where it is not installed.</summary>
    /// <param name="folders">Where to look, as in PATH; null for PATH itself.</param>
    public static string? Find(string? folders = null) =>
        (from folder in (folders ?? Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
         from name in Names
         let path = Path.Combine(folder, name)
         where File.Exists(path)
         select path).FirstOrDefault();

    /// <inheritdoc cref="Find"/>
    /// <exception cref="KdException">It is not installed.</exception>
    public static string Require(string? folders = null) =>
        Find(folders) ?? throw new KdException(
            "Static figures are drawn by Chromium, which is not installed here (looked for "
            + $"{string.Join(", ", Names)} in PATH). Install it (Debian, Ubuntu: apt-get install chromium), or run "
            + "without --static-figures.");

    /// <summary>Each figure as a PNG in base64, in the order given.</summary>
    /// <param name="figures">{data, layout, config}.</param>
    /// <param name="scale">Pixels of the picture for one of CSS.</param>
    internal static IReadOnlyList<string> Draw(IReadOnlyList<JsonNode> figures, double scale) =>
        Pictures(Dom(Page(figures, scale)), figures.Count);

    /// <summary>What a page has become when its scripts have run.</summary>
    internal static string Dom(string html)
    {
        var folder = Directory.CreateTempSubdirectory("kd-figures-");
        try
        {
            var page = Path.Combine(folder.FullName, "figures.html");
            File.WriteAllText(page, html);
            return Run(folder.FullName, page);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Run(string folder, string page)
    {
        var start = new ProcessStartInfo(Require())
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
            $"--user-data-dir={Path.Combine(folder, "profile")}", "--virtual-time-budget=120000", "--dump-dom",
            // Chromium refuses to be root inside its sandbox; the page is ours and can reach nothing.
            .. Environment.IsPrivilegedProcess ? ["--no-sandbox"] : Array.Empty<string>(),
            new Uri(page).AbsoluteUri,
        ];
        arguments.ToList().ForEach(start.ArgumentList.Add);
        try
        {
            using var process = Process.Start(start)!;
            var (dom, log) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                throw new KdException(
                    $"Static figures: {start.FileName} did not end within {Patience.TotalMinutes} minutes.");
            }

            Task.WaitAll(dom, log);
            return process.ExitCode == 0 ? dom.Result : throw new KdException(
                $"Static figures: {start.FileName} ended with {process.ExitCode}: {Last(log.Result)}");
        }
        catch (Win32Exception error)
        {
            throw new KdException($"Static figures: {start.FileName} cannot be started: {error.Message}", error);
        }
    }

    private static string[] Pictures(string dom, int count)
    {
        var found = Found().Match(dom);
        var pictures = found.Success ? found.Groups["pictures"].Value.Split(',') : [];
        return pictures.Length == count && Array.TrueForAll(pictures, picture => picture.Length > 0) ? pictures
            : throw new KdException(
                $"Static figures: {pictures.Count(picture => picture.Length > 0)} of {count} figures were drawn"
                + (Failure().Match(dom) is { Success: true } failure ? $"; {failure.Groups["text"].Value}." : "."));
    }

    // A figure that cannot be drawn is named by its error; the others do not wait for it.
    private static string Page(IReadOnlyList<JsonNode> figures, double scale) => $$"""
        <!doctype html>
        <html><head><meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy"
          content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:">
        </head><body>
        <script>{{PlotlyLibrary.Script}}</script>
        <script type="application/json" id="figures">{{JsonOf(figures)}}</script>
        <script>
        (async function () {
          var figures = JSON.parse(document.getElementById("figures").textContent), pictures = [], failures = [];
          for (var i = 0; i < figures.length; i++) {
            var layout = Object.assign({}, figures[i].layout), meta = layout.meta || {};
            var size = { width: Math.min({{StaticFigures.Width}}, meta.maxWidth || 860), height: layout.height || 440 };
            try {
              var uri = await window.Plotly.toImage({ data: figures[i].data, layout: layout },
                Object.assign({ format: "png", scale: {{JsonValue.Create(scale).ToJsonString()}} }, size));
              pictures.push(uri.split(",")[1]);
            } catch (error) {
              pictures.push("");
              failures.push("figure " + (i + 1) + ": " + error);
            }
          }
          document.querySelectorAll("script").forEach(function (script) { script.remove(); });
          document.body.innerHTML = "<pre id=pictures></pre><pre id=failures></pre>";
          document.getElementById("pictures").textContent = pictures.join(",");
          document.getElementById("failures").textContent = failures.join("; ");
        })();
        </script>
        </body></html>
        """;

    private static string JsonOf(IReadOnlyList<JsonNode> figures) =>
        new JsonArray([.. figures.Select(figure => figure.DeepClone())]).ToJsonString();

    private static string Last(string log) => log.Trim().Split('\n')[^1];

    [GeneratedRegex("""<pre id="pictures">(?<pictures>[A-Za-z0-9+/=,]*)</pre>""")]
    private static partial Regex Found();

    [GeneratedRegex("""<pre id="failures">(?<text>[^<]+)</pre>""")]
    private static partial Regex Failure();
}
