using System.Text;
using KdNotebooks.Interactive.Formatting;

namespace KdNotebooks.Kernel.Report;

/// <summary>
/// The small part of TeX that experiment notes use, as text with subscripts and superscripts. Written by hand because
/// typesetting libraries are scripts from the network; what it does not know stays readable as it was written.
/// </summary>
internal static class MathText
{
    private static readonly Dictionary<string, string> Symbols = (
        "alpha α beta β gamma γ delta δ epsilon ε eta η theta θ lambda λ mu μ pi π rho ρ sigma σ tau τ phi φ varphi φ "
        + "psi ψ omega ω Delta Δ Sigma Σ Phi Φ Omega Ω sum ∑ prod ∏ int ∫ cdot · times × pm ± in ∈ to → rightarrow → "
        + "mapsto ↦ leq ≤ le ≤ geq ≥ ge ≥ neq ≠ approx ≈ sim ∼ infty ∞ partial ∂ nabla ∇ ell ℓ odot ⊙ circ ∘ ldots … "
        + "dots … lVert ‖ rVert ‖ Vert ‖ | ‖ lvert | rvert | langle ⟨ rangle ⟩ sqrt √ { { } } % % quad \u2003 "
        + ", \u2009 ; \u2005").Split(' ').Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);

    // Commands that only say how their argument looks.
    private static readonly HashSet<string> Dropped =
        ["text", "mathrm", "mathcal", "mathbf", "mathit", "operatorname", "hat", "tilde", "bar", "boldsymbol"];

    public static string ToHtml(string tex)
    {
        var at = 0;
        return Sequence(tex, ref at, until: '\0');
    }

    private static string Sequence(string tex, ref int at, char until)
    {
        var html = new StringBuilder();
        while (at < tex.Length && tex[at] != until)
        {
            html.Append(tex[at] switch
            {
                '_' => Raised(tex, ref at, "sub"),
                '^' => Raised(tex, ref at, "sup"),
                _ => Item(tex, ref at),
            });
        }

        at++;
        return html.ToString();
    }

    private static string Raised(string tex, ref int at, string element)
    {
        at++;
        return $"<{element}>{Argument(tex, ref at)}</{element}>";
    }

    private static string Argument(string tex, ref int at)
    {
        while (at < tex.Length && tex[at] == ' ')
        {
            at++;
        }

        return at < tex.Length ? Item(tex, ref at) : "";
    }

    private static string Item(string tex, ref int at)
    {
        switch (tex[at++])
        {
            case '{':
                return Sequence(tex, ref at, until: '}');
            case '\\' when at < tex.Length:
                return Command(tex, ref at);
            case '-':
                return "−";
            case var other when char.IsLetter(other):
                return $"<i>{HtmlText.Escape(other.ToString())}</i>";
            case var high when char.IsHighSurrogate(high) && at < tex.Length:
                return HtmlText.Escape(tex.Substring(at++ - 1, 2));
            case var other:
                return HtmlText.Escape(other.ToString());
        }
    }

    private static string Command(string tex, ref int at)
    {
        var start = at++;
        while (char.IsLetter(tex[start]) && at < tex.Length && char.IsLetter(tex[at]))
        {
            at++;
        }

        var name = tex[start..at];
        if (name is "frac" or "tfrac" or "dfrac")
        {
            var (above, below) = (Argument(tex, ref at), Argument(tex, ref at));
            return $"<span class=\"frac\"><span>{above}</span><span>{below}</span></span>";
        }

        if (name == "mathbb")
        {
            return Argument(tex, ref at).Replace("<i>R</i>", "ℝ").Replace("<i>E</i>", "𝔼").Replace("<i>N</i>", "ℕ");
        }

        if (Dropped.Contains(name))
        {
            var argument = Argument(tex, ref at);
            return name is "text" or "mathrm" or "operatorname"
                ? argument.Replace("<i>", "").Replace("</i>", "") : argument;
        }

        return name is "left" or "right" or "!" ? "" : name == "\\" ? " "
            : Symbols.TryGetValue(name, out var symbol) ? symbol : HtmlText.Escape(name);
    }
}
