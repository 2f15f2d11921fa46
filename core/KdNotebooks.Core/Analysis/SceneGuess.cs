using KdNotebooks.Data.Dense;

namespace KdNotebooks.Analysis;

/// <summary>The label map that one model predicts for one image.</summary>
/// <param name="Labels">[H, W], the class of each pixel.</param>
/// <param name="MeanIou">
/// Against the true label map, in percent, over the classes that are in either; NaN where every pixel is ignored.
/// </param>
public sealed record SceneGuess(byte[] Labels, double MeanIou);

/// <summary>One image of a split with the label maps that are predicted for it.</summary>
/// <param name="Index">Of the image in its split, from 0.</param>
/// <param name="Truth">The image with its true label map; 255 is ignored.</param>
/// <param name="Guesses">One a model, in the order of <see cref="ScenePredictions.Models"/>.</param>
public sealed record PredictedScene(int Index, DenseSample Truth, IReadOnlyList<SceneGuess> Guesses);
