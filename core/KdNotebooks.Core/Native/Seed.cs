namespace KdNotebooks.Native;

/// <summary>Seeds.</summary>
public static class Seed
{
    /// <summary>
    /// Seeds everything that draws at random: TorchSharp's generators on every device. The library's own draws (order
    /// of images, augmentation, noise) have no state to seed: they are pure functions of a run's seed.
    /// </summary>
    public static void Set(long seed)
    {
        NativeLibraries.EnsureLoaded();
        torch.manual_seed(seed);
    }
}
