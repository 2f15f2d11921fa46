using KdNotebooks.Analysis;

namespace KdNotebooks.Interactive.Charts;

/// <summary>CKA of every layer of a student with every layer of a teacher, as colors with their numbers.</summary>
public static class CkaChart
{
    public static Figure Draw(CkaTable table) => ChartLibrary.Painter.Cka(table);
}
