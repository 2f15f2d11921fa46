using KdNotebooks.Runtime;

namespace KdNotebooks.Training;

/// <summary>
/// An exponential moving average of the student's weights: after each step <c>average = d average + (1 - d) weights</c>.
/// Its statistics of batch normalization are averaged alike; a count is copied.
/// </summary>
/// <param name="Decay">d; 0 to below 1. The default value is 0.9999, as in TensorFlow's and timm's recipes.</param>
/// <param name="WarmUp">
/// Whether d grows to its value: after step t it is at most (1 + t) / (10 + t), as in
/// <c>tf.train.ExponentialMovingAverage</c> with <c>num_updates</c>; then a short run does not end with its first weights.
/// The default value is false.
/// </param>
/// <exception cref="KdException">The decay is out of its range.</exception>
public sealed record WeightAverage(double Decay = 0.9999, bool WarmUp = false)
{
    public double Decay { get; init => field = Require(value); } = Require(Decay);

    /// <param name="step">How many steps were taken, from 1.</param>
    public double At(long step) => WarmUp ? Math.Min(Decay, (1.0 + step) / (10 + step)) : Decay;

    private static double Require(double decay) => decay is >= 0 and < 1 ? decay : throw new KdException(
        $"WeightAverage: the decay is {decay}; expected 0 to below 1, such as 0.9999.");
}
