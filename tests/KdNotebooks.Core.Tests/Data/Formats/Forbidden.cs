namespace KdNotebooks.Tests.Data.Formats;

/// <summary>PNG files that the standard forbids, one fault each, with what an error says of it.</summary>
internal static class Forbidden
{
    // Two rows of three gray pixels.
    private static readonly byte[] Rows = [0, 1, 2, 3, 0, 4, 5, 6];

    private static readonly (string, byte[]) Head = ("IHDR", PngSamples.Header(3, 2, 8, 0));
    private static readonly (string, byte[]) Data = ("IDAT", PngSamples.Zlib(Rows));
    private static readonly (string, byte[]) End = ("IEND", []);
    private static readonly (string, byte[]) Indexed = ("IHDR", PngSamples.Header(3, 2, 8, 3));
    private static readonly (string, byte[]) Colored = ("IHDR", PngSamples.Header(1, 2, 8, 2));
    private static readonly (string, byte[]) Palette = ("PLTE", new byte[21]);

    private static readonly Dictionary<string, (byte[] File, string Message)> All = new()
    {
        ["an unknown critical part"] = (PngSamples.Of(Head, ("CgBI", [1]), Data, End), "it has a part CgBI"),
        ["an unknown critical part behind the pixels"] = (
            PngSamples.Of(Head, Data, ("ABCD", []), End), "it has a part ABCD"),
        ["a part whose name is no letters"] = (PngSamples.Of(Head, ("a1b ", []), Data, End), "it has a part 0x61316220"),
        ["two headers"] = (PngSamples.Of(Head, Head, Data, End), "a second IHDR"),
        ["a header behind the pixels"] = (PngSamples.Of(Head, Data, Head, End), "a second IHDR"),
        ["no header"] = (PngSamples.Of(("tEXt", new byte[20]), Data, End), "does not begin with a sound part IHDR"),
        ["a header that is too long"] = (
            PngSamples.Of(("IHDR", [.. PngSamples.Header(3, 2, 8, 0), 0]), Data, End), "does not begin with a sound part"),
        ["no palette"] = (PngSamples.Of(Indexed, Data, End), "it has no palette"),
        ["a palette behind the pixels"] = (PngSamples.Of(Indexed, Data, Palette, End), "one behind its pixels"),
        ["two palettes"] = (PngSamples.Of(Indexed, Palette, Palette, Data, End), "a second palette"),
        ["a palette of gray"] = (PngSamples.Of(Head, Palette, Data, End), "its palette has 21 bytes"),
        ["a palette that is no colors"] = (
            PngSamples.Of(Indexed, ("PLTE", new byte[20]), Data, End), "its palette has 20"),
        ["an empty palette"] = (PngSamples.Of(Indexed, ("PLTE", []), Data, End), "its palette has 0 bytes"),
        ["a palette of 257 colors"] = (PngSamples.Of(Colored, ("PLTE", new byte[771]), Data, End), "its palette has 771"),
        ["a palette of five colors for two bits"] = (
            PngSamples.Of(("IHDR", PngSamples.Header(3, 2, 2, 3)), ("PLTE", new byte[15]),
                ("IDAT", PngSamples.Zlib([0, 0, 0, 0])), End), "at most 2^2 colors"),
        ["no pixels"] = (PngSamples.Of(Head, End), "it has no pixels"),
        ["empty pixels"] = (PngSamples.Of(Head, ("IDAT", []), End), "it has no pixels"),
        ["pixels that are interrupted"] = (
            PngSamples.Of(Head, ("IDAT", Data.Item2[..5]), ("tEXt", [65, 0]), ("IDAT", Data.Item2[5..]), End),
            "interrupted"),
        ["an end that holds bytes"] = (PngSamples.Of(Head, Data, ("IEND", [0])), "its end (IEND) holds bytes"),
        ["no end"] = (PngSamples.Of(Head, Data), "in the middle of a PNG"),
        ["filter 5"] = (PngSamples.Of(Head, ("IDAT", PngSamples.Zlib([0, 1, 2, 3, 5, 4, 5, 6])), End), "has filter 5"),
        ["a row too few"] = (PngSamples.Of(Head, ("IDAT", PngSamples.Zlib(Rows[..4])), End), "cannot be unpacked"),
        ["a row too many"] = (
            PngSamples.Of(Head, ("IDAT", PngSamples.Zlib([.. Rows, .. Rows[..4]])), End),
            "more pixels than its size says"),
        ["no Adler-32"] = (PngSamples.Of(Head, ("IDAT", Data.Item2[..^4]), End), "Adler-32"),
        ["half an Adler-32"] = (PngSamples.Of(Head, ("IDAT", Data.Item2[..^2]), End), "Adler-32"),
        ["a wrong Adler-32"] = (
            PngSamples.Of(Head, ("IDAT", [.. Data.Item2[..^1], (byte)(Data.Item2[^1] ^ 1)]), End), "is damaged: "),
        ["bytes behind the zlib stream"] = (PngSamples.Of(Head, ("IDAT", [.. Data.Item2, 0]), End), "Adler-32"),
        ["a zlib header of another method"] = (
            PngSamples.Of(Head, ("IDAT", [0x79, 0x9D, .. Data.Item2[2..]]), End), "cannot be unpacked"),
        ["a preset dictionary"] = (
            PngSamples.Of(Head, ("IDAT", [0x78, 0x20, 0, 0, 0, 1, .. Data.Item2[2..]]), End), "is damaged: "),
        ["compression method 1"] = (PngSamples.Of(("IHDR", Changed(10)), Data, End), "compression 1"),
        ["filter method 1"] = (PngSamples.Of(("IHDR", Changed(11)), Data, End), "filter method 1"),
        ["no width"] = (PngSamples.Of(("IHDR", PngSamples.Header(0, 2, 8, 0)), Data, End), "0x2 pixels"),
        ["no height"] = (PngSamples.Of(("IHDR", PngSamples.Header(3, 0, 8, 0)), Data, End), "3x0 pixels"),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    public static (byte[] File, string Message) Of(string name) => All[name];

    private static byte[] Changed(int at)
    {
        var header = PngSamples.Header(3, 2, 8, 0);
        header[at] = 1;
        return header;
    }
}
