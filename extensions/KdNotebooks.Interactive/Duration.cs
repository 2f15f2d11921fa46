namespace KdNotebooks.Interactive;

/// <summary>How long, in the two units that matter: "4.2 s", "3 min 07 s", "2 h 05 min".</summary>
public static class Duration
{
    public static string Text(TimeSpan time) =>
        time.TotalSeconds < 59.95
        ? $"{time.TotalSeconds:F1} s"
        : Whole(TimeSpan.FromSeconds(Math.Round(time.TotalSeconds)));

    /// <summary>What is left at the pace so far; null where that cannot be told.</summary>
    public static TimeSpan? Left(TimeSpan elapsed, long done, long total) =>
        done > 0 && total >= done ? elapsed * ((double)(total - done) / done) : null;

    private static string Whole(TimeSpan time) => time.TotalHours < 1
        ? $"{(int)time.TotalMinutes} min {time.Seconds:D2} s"
        : $"{(int)time.TotalHours} h {time.Minutes:D2} min";
}
