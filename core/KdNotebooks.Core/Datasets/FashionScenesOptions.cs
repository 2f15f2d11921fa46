using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>Which scenes are made; the same options give the same scenes, byte for byte, on every machine.</summary>
/// <param name="Train">How many scenes of the training garments. The default value is 600.</param>
/// <param name="Validation">How many of the validation garments. The default value is 150.</param>
/// <param name="Test">How many of the test garments; 0 for none. The default value is 150.</param>
/// <param name="Size">Height and width in pixels, 32 to 1024. The default value is 96.</param>
/// <param name="Seed">
/// The default value is 1. Scene i of a split depends on seed, split, size and i alone: more scenes leave the first as
/// they are.
/// </param>
public sealed record FashionScenesOptions(
    int Train = 600, int Validation = 150, int Test = 150, int Size = 96, int Seed = 1)
{
    public int Train { get; init => field = Require("train", value, 1, 1_000_000); }
        = Require("train", Train, 1, 1_000_000);

    public int Validation { get; init => field = Require("val", value, 1, 1_000_000); }
        = Require("val", Validation, 1, 1_000_000);

    public int Test { get; init => field = Require("test", value, 0, 1_000_000); }
        = Require("test", Test, 0, 1_000_000);

    public int Size { get; init => field = Require("size", value, 32, 1024); } = Require("size", Size, 32, 1024);

    private static int Require(string what, int value, int least, int most) => value >= least && value <= most
        ? value
        : throw new KdException($"FashionScenes: {what} is {value}; expected {least} to {most}.");
}
