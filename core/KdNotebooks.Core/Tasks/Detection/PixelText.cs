namespace KdNotebooks.Tasks.Detection;

/// <summary>
/// Short words in pictures, so that a class is told by more than a color. Letters are 3 x 5 pixels: a library that draws
/// text needs a font file, which no machine must have.
/// </summary>
internal static class PixelText
{
    public const int Height = 5;

    private const int Advance = 4;

    // A sign and its 15 bits, row by row from the top, the left pixel first.
    private const string Table =
        """
        A010101111101101 B110101110101110 C011100100100011 D110101101101110 E111100110100111
        F111100110100100 G011100101101011 H101101111101101 I111010010010111 J001001001101010
        K101101110101101 L100100100100111 M101111111101101 N110101101101101 O010101101101010
        P110101110100100 Q010101101110011 R110101110101101 S011100010001110 T111010010010010
        U101101101101111 V101101101101010 W101101111111101 X101101010101101 Y101101010010010
        Z111001010100111 0111101101101111 1010110010010111 2110001010100111 3110001010001110
        4101101111001001 5111100110001110 6011100111101111 7111001010010010 8111101111101111
        9111101111001110 -000000111000000 /001001010100100 .000000000000010
        """;

    private static readonly Dictionary<char, string> Signs = Table.Split((char[])[' ', '\n'], StringSplitOptions.TrimEntries)
        .ToDictionary(sign => sign[0], sign => sign[1..]);

    /// <summary>How many pixels wide a word is.</summary>
    public static int Width(string word) => Math.Max(0, (word.Length * Advance) - 1);

    /// <summary>Calls for each pixel of a word that is set, from its upper left corner.</summary>
    public static void Draw(string word, Action<int, int> pixel)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (!Signs.TryGetValue(char.ToUpperInvariant(word[i]), out var bits))
            {
                continue; // a space
            }

            for (var bit = 0; bit < bits.Length; bit++)
            {
                if (bits[bit] == '1')
                {
                    pixel((i * Advance) + (bit % 3), bit / 3);
                }
            }
        }
    }
}
