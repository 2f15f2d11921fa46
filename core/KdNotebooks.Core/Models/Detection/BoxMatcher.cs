using KdNotebooks.Runtime;

namespace KdNotebooks.Models.Detection;

/// <summary>
/// Which thing each box stands for, by intersection over union: Ren et al. 2015 (arXiv:1506.01497), section 3.1.2, as
/// torchvision does it.
/// </summary>
/// <param name="high">From here on a box stands for the thing that it overlaps most.</param>
/// <param name="low">Below, it is background; between the two it is neither, and not learned from.</param>
/// <param name="everyThing">
/// Whether a thing that no box overlaps enough has those that overlap it most, ties included.
/// </param>
internal sealed class BoxMatcher(double high, double low, bool everyThing)
{
    public const long Background = -1, Neither = -2;

    /// <param name="overlaps">[G, A], of things and boxes.</param>
    /// <returns>[A] int64: the thing's index, <see cref="Background"/> or <see cref="Neither"/>.</returns>
    public Tensor Match(Tensor overlaps)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var (things, boxes) = (overlaps.shape[0], overlaps.shape[1]);
        if (things == 0)
        {
            return torch.full([boxes], Background, torch.int64, overlaps.device).MoveToOuterDisposeScope();
        }

        var (best, index) = overlaps.max(0);
        var matched = torch.where(best.lt(low), Of(Background, overlaps), torch.where(
            best.lt(high), Of(Neither, overlaps), index));
        if (everyThing)
        {
            var most = overlaps.amax([1], keepdim: true); // [G, 1]
            var kept = overlaps.eq(most).any(0);
            matched = torch.where(kept, index, matched);
        }

        return matched.MoveToOuterDisposeScope();
    }

    private static Tensor Of(long value, Tensor like) => torch.tensor(value, dtype: torch.int64, device: like.device);
}

/// <summary>
/// A fixed number of boxes to learn from, so many of them foreground at most, drawn at random: a pure function of its key,
/// so that neither other students nor an interruption change what is drawn.
/// </summary>
/// <param name="count">How many boxes of an image.</param>
/// <param name="share">Of foreground, at most.</param>
internal sealed class BalancedSampler(int count, double share)
{
    private const ulong Tag = 0x42_4F_58_53;

    /// <param name="matched">[A] int64, as <see cref="BoxMatcher"/> gives it.</param>
    /// <param name="key">Which image and view, and which of its networks asks.</param>
    /// <returns>Indices of foreground and of background, ascending.</returns>
    public (long[] Foreground, long[] Background) Draw(ReadOnlySpan<long> matched, params ReadOnlySpan<ulong> key)
    {
        var (foreground, background) = (new List<int>(), new List<int>());
        for (var i = 0; i < matched.Length; i++)
        {
            if (matched[i] >= 0)
            {
                foreground.Add(i);
            }
            else if (matched[i] == BoxMatcher.Background)
            {
                background.Add(i);
            }
        }

        var dice = RandomStream.Of([Tag, .. key]);
        var positives = Some(foreground, Math.Min(foreground.Count, (int)(count * share)), ref dice);
        return (positives, Some(background, Math.Min(background.Count, count - positives.Length), ref dice));
    }

    // The first steps of Fisher and Yates: each choice equally likely.
    private static long[] Some(List<int> from, int wanted, ref RandomStream dice)
    {
        for (var i = 0; i < wanted && wanted < from.Count; i++)
        {
            var other = i + dice.NextInt(from.Count - i);
            (from[i], from[other]) = (from[other], from[i]);
        }

        var chosen = from.Take(wanted).Select(index => (long)index).ToArray();
        Array.Sort(chosen);
        return chosen;
    }
}
