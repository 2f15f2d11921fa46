using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>How far ahead batches are made, and by how many threads. Nothing of it changes what comes out.</summary>
/// <param name="Ahead">How many finished batches may wait, at least 1. The default value is 2.</param>
/// <param name="Bytes">
/// How many bytes of pixels they may have; one batch is always made. The default value is 512 MB.
/// </param>
/// <param name="Workers">
/// Threads; the default value null means what the environment variable KD_WORKERS says, else as many as there are processors.
/// </param>
internal sealed record LoaderOptions(int Ahead = 2, long Bytes = LoaderOptions.UsualBytes, int? Workers = null)
{
    public const long UsualBytes = 1L << 29;

    private const int Most = 256;

    /// <summary>What is used where nothing is said.</summary>
    public static LoaderOptions Usual { get; } = new();

    /// <exception cref="KdException">KD_WORKERS is no number of threads.</exception>
    public int Threads() => Workers
        ?? (Environment.GetEnvironmentVariable("KD_WORKERS") is not { Length: > 0 } text ? Math.Min(Environment.ProcessorCount, Most)
            : int.TryParse(text, out var count) && count is >= 1 and <= Most ? count
            : throw new KdException($"KD_WORKERS is '{text}'; expected how many threads load images, 1 to {Most}."));

    /// <exception cref="KdException">A number is out of its range.</exception>
    public LoaderOptions Sound() => Ahead >= 1 && Bytes >= 1 && Workers is null or (>= 1 and <= Most) ? this : throw new KdException(
        $"BatchLoader: {Ahead} batches and {Bytes} bytes ahead, by {Workers} threads; expected at least 1 of each, and at most {Most} threads.");
}
