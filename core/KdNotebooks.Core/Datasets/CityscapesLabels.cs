using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Datasets;

/// <summary>
/// The labels of Cityscapes: 34 ids, of which 19 are trained and counted. Cordts et al. 2016 (arXiv:1604.01685); ids,
/// training classes and colors as in cityscapesScripts' labels.py. Its 35th label, the licence plate, has no id in a
/// label map.
/// </summary>
public static class CityscapesLabels
{
    public static LabelTable Table { get; } = new(
        "Cityscapes",
        new(0, "unlabeled", null, 0x000000),
        new(1, "ego vehicle", null, 0x000000),
        new(2, "rectification border", null, 0x000000),
        new(3, "out of roi", null, 0x000000),
        new(4, "static", null, 0x000000),
        new(5, "dynamic", null, Color(111, 74, 0)),
        new(6, "ground", null, Color(81, 0, 81)),
        new(7, "road", 0, Color(128, 64, 128)),
        new(8, "sidewalk", 1, Color(244, 35, 232)),
        new(9, "parking", null, Color(250, 170, 160)),
        new(10, "rail track", null, Color(230, 150, 140)),
        new(11, "building", 2, Color(70, 70, 70)),
        new(12, "wall", 3, Color(102, 102, 156)),
        new(13, "fence", 4, Color(190, 153, 153)),
        new(14, "guard rail", null, Color(180, 165, 180)),
        new(15, "bridge", null, Color(150, 100, 100)),
        new(16, "tunnel", null, Color(150, 120, 90)),
        new(17, "pole", 5, Color(153, 153, 153)),
        new(18, "polegroup", null, Color(153, 153, 153)),
        new(19, "traffic light", 6, Color(250, 170, 30)),
        new(20, "traffic sign", 7, Color(220, 220, 0)),
        new(21, "vegetation", 8, Color(107, 142, 35)),
        new(22, "terrain", 9, Color(152, 251, 152)),
        new(23, "sky", 10, Color(70, 130, 180)),
        new(24, "person", 11, Color(220, 20, 60)),
        new(25, "rider", 12, Color(255, 0, 0)),
        new(26, "car", 13, Color(0, 0, 142)),
        new(27, "truck", 14, Color(0, 0, 70)),
        new(28, "bus", 15, Color(0, 60, 100)),
        new(29, "caravan", null, Color(0, 0, 90)),
        new(30, "trailer", null, Color(0, 0, 110)),
        new(31, "train", 16, Color(0, 80, 100)),
        new(32, "motorcycle", 17, Color(0, 0, 230)),
        new(33, "bicycle", 18, Color(119, 11, 32)));

    private static int Color(int red, int green, int blue) => (red << 16) | (green << 8) | blue;
}
