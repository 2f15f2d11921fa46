using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks.Segmentation;

/// <summary>
/// How an image that is too large, or larger than the crops of training, is evaluated in parts: windows at equal steps,
/// the last ones moved back to end with the image; where windows overlap, their logits are averaged. As
/// mmsegmentation's test mode "slide".
/// </summary>
/// <param name="Height">Of a window, in pixels; larger ones than the image are the image.</param>
/// <param name="Width">Of a window, in pixels.</param>
/// <param name="StepY">Rows from one window to the next, 1 to the height.</param>
/// <param name="StepX">Columns from one window to the next, 1 to the width.</param>
public sealed record SlidingWindow(int Height, int Width, int StepY, int StepX)
{
    /// <exception cref="KdException">A size below 1, or a step that leaves pixels out.</exception>
    internal void RequireSound()
    {
        if (Height < 1 || Width < 1 || StepY < 1 || StepX < 1 || StepY > Height || StepX > Width)
        {
            throw new KdException(
                $"SlidingWindow: {Height}x{Width} at steps of {StepY} and {StepX}; expected sizes of at least 1 and "
                + "steps from 1 to the size, for every pixel must be seen.");
        }
    }

    /// <summary>Logits of whole images.</summary>
    /// <param name="model">[n, C, h, w] to [n, K, h, w].</param>
    /// <param name="images">[N, C, H, W].</param>
    /// <returns>[N, K, H, W]; the caller's dispose scope owns it.</returns>
    public Tensor Logits(Func<Tensor, Tensor> model, Tensor images)
    {
        RequireSound();
        using var scope = torch.NewDisposeScope();
        var (height, width) = (images.shape[2], images.shape[3]);
        Tensor? sum = null;
        using var counts = torch.zeros([1, 1, height, width], device: images.device);
        foreach (var (top, rows) in Places(height, Height, StepY))
        {
            foreach (var (left, columns) in Places(width, Width, StepX))
            {
                using var part = torch.NewDisposeScope();
                var logits = model(images.narrow(2, top, rows).narrow(3, left, columns));
                sum ??= torch.zeros([images.shape[0], logits.shape[1], height, width], device: images.device)
                    .MoveToOtherDisposeScope(scope);
                sum.narrow(2, top, rows).narrow(3, left, columns).add_(logits);
                counts.narrow(2, top, rows).narrow(3, left, columns).add_(1);
            }
        }

        return sum!.div_(counts).MoveToOuterDisposeScope();
    }

    /// <summary>Where windows begin along one side, and how long they are.</summary>
    internal static IEnumerable<(long Start, long Length)> Places(long image, int window, int step)
    {
        var length = Math.Min(image, window);
        var count = ((image - length + step - 1) / step) + 1;
        return Enumerable.Range(0, (int)count).Select(i => (Math.Min(i * (long)step, image - length), length));
    }
}
