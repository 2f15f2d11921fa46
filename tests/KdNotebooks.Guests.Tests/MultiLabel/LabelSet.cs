using KdNotebooks.Data;

namespace KdNotebooks.Guests.MultiLabel;

/// <summary>The classes that an image shows, wherever they are in it.</summary>
/// <param name="Classes">Each once, from 0.</param>
/// <param name="Known">How many classes there are.</param>
public sealed record LabelSet(IReadOnlyList<int> Classes, int Known) : ITarget
{
    public bool HasPlaces => false;

    public ITarget Through(ImageWindow window) => this;

    public ITargets Collate(IReadOnlyList<ITarget> targets, ImageSize size, torch.Device device)
    {
        var present = new float[targets.Count, Known];
        for (var i = 0; i < targets.Count; i++)
        {
            foreach (var index in ((LabelSet)targets[i]).Classes)
            {
                present[i, index] = 1;
            }
        }

        return new LabelSets(torch.tensor(present, device: device));
    }
}

/// <summary>The label sets of a batch.</summary>
/// <param name="Present">[N, K] float32: 1 where the image shows the class, else 0.</param>
public sealed record LabelSets(Tensor Present) : ITargets
{
    public int Count => (int)Present.shape[0];
}
