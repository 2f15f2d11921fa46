namespace KdNotebooks.Interactive.Magics.Commands;

/// <summary>Nothing to choose.</summary>
public sealed record InfoRequest;

/// <summary><c>#!kd-info</c>: what runs here, and on what.</summary>
internal sealed class InfoMagic : MagicCommand<InfoRequest>
{
    public override string Name => "kd-info";

    public override string Summary => "Shows versions, device, native libraries and datasets of this machine.";

    public override string Example => "kd-info";

    public override InfoRequest Read(MagicArguments arguments) => new();

    public override object Run(InfoRequest request)
    {
        var report = MachineReport.Take();
        Display.Show(report);
        return report;
    }
}
