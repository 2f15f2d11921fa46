using KdNotebooks.Aligners;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>A <see cref="Distillation.Connection"/> built for two models: its trainable modules and its loss.</summary>
internal sealed class Bridge : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor>? spatial;
    private readonly Module<Tensor, Tensor> aligner;

    public Bridge(Connection connection, long[] student, long[] teacher) : base(nameof(Bridge))
    {
        Connection = connection;
        var (from, to) = (Map(connection.Student, student), Map(connection.Teacher, teacher));
        try
        {
            spatial = SpatialPolicies.Build(connection.Spatial, from, to);
            aligner = connection.Aligner.Build(from.Channels, to.Channels);
        }
        catch (KdException error)
        {
            throw new KdException(
                $"Connection from student '{connection.Student}' to teacher '{connection.Teacher}': {error.Message}",
                error);
        }

        RegisterComponents();
        ChannelsLast.Apply(this);
    }

    public Connection Connection { get; }

    // [N, C_s, H_s, W_s] -> [N, C_t, H_t, W_t]
    public override Tensor forward(Tensor map)
    {
        if (spatial is null)
        {
            return aligner.call(map);
        }

        using var resized = spatial.call(map);
        return aligner.call(resized);
    }

    private static FeatureShape Map(string path, long[] shape) => shape is [var channels, var height, var width]
        ? new FeatureShape(channels, height, width)
        : throw new KdException(
            $"Tap '{path}' gives [{string.Join(", ", shape)}] for one image; a connection needs a map [C, H, W].");
}
