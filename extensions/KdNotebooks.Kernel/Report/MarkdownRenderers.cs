using Markdig.Extensions.Mathematics;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;

namespace KdNotebooks.Kernel.Report;

/// <summary>A formula within a line.</summary>
internal sealed class MathInlineRenderer : HtmlObjectRenderer<MathInline>
{
    protected override void Write(HtmlRenderer renderer, MathInline obj) =>
        renderer
        .Write(obj.DelimiterCount == 2 ? "<span class=\"math display\">" : "<span class=\"math\">")
        .Write(MathText.ToHtml(obj.Content.ToString())).Write("</span>");
}

/// <summary>A formula on lines of its own.</summary>
internal sealed class MathBlockRenderer : HtmlObjectRenderer<MathBlock>
{
    protected override void Write(HtmlRenderer renderer, MathBlock obj) => renderer
        .Write("<div class=\"math display\">").Write(MathText.ToHtml(obj.Lines.ToString().Trim())).WriteLine("</div>");
}

/// <summary>Fenced code: F# is colored as a code cell is, other languages are left plain.</summary>
internal sealed class FencedCodeRenderer : HtmlObjectRenderer<FencedCodeBlock>
{
    protected override void Write(HtmlRenderer renderer, FencedCodeBlock obj)
    {
        var code = obj.Lines.ToString();
        var isFSharp = obj.Info is "fsharp" or "fs" or "f#";
        renderer.Write("<pre class=\"code\"><code>")
            .Write(isFSharp ? FSharpHtml.Highlight(code) : Interactive.Formatting.HtmlText.Escape(code))
            .WriteLine("</code></pre>");
    }
}
