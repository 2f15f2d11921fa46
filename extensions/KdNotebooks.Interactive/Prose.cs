namespace KdNotebooks.Interactive;

/// <summary>Prose in Markdown, rendered by the host.</summary>
public sealed record Markdown(string Source);

/// <summary>HTML that its author vouches for: shown as it is, so nothing from data may be in it raw.</summary>
/// <param name="Source">See <see cref="Formatting.HtmlText.Escape"/> for what came from data.</param>
/// <param name="Text">What a host without HTML shows.</param>
public sealed record Html(string Source, string Text);
