namespace KdNotebooks.Benchmarks;

/// <summary>A figure that was promised, and what was measured.</summary>
/// <param name="AtLeast">Whether the figure is a floor; else it is a ceiling.</param>
internal sealed record Claim(string What, double Measured, double Figure, bool AtLeast, string Unit)
{
    public bool Holds => AtLeast ? Measured >= Figure : Measured <= Figure;

    public override string ToString() =>
        $"{(Holds ? "holds " : "BROKEN")}  {What}: {Measured:F2}{Unit} ({(AtLeast ? "at least" : "at most")} {Figure:F2}{Unit})";
}
