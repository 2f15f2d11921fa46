using System.Text;
using KdNotebooks.Runtime;

namespace KdNotebooks.Masks;

// COCO's compressed run lengths: each number, from the fourth on as the difference to the one two before, in groups of
// five bits from the lowest, a sixth bit saying that more follow; 48 is added to give a printable character.
public sealed partial class RunLength
{
    private const int FirstCharacter = 48, LastCharacter = 111, GroupsOfLargest = 7;

    /// <summary>COCO's compressed run lengths, as in its result files and in <c>rleFrString</c>.</summary>
    /// <exception cref="KdException">
    /// A character that is none of these, a text that ends within a number, a negative run, or runs that do not add up
    /// to the size.
    /// </exception>
    public static RunLength OfText(string text, int height, int width)
    {
        RequireSize(height, width);
        var builder = new RunBuilder(Math.Min(text.Length, 256));
        var (at, total, size) = (0, 0L, (long)height * width);
        var (before, last) = (0L, 0L);
        for (var i = 0; at < text.Length; i++)
        {
            var count = Number(text, ref at) + (i > 2 ? before : 0);
            total += count;
            if (count < 0 || total > size)
            {
                throw new KdException(
                    $"Run lengths: run {i} of '{NameList.Short(text)}' is {count} pixels long; expected none below 0 "
                    + $"and {size} in all, of an image of {width}x{height}.");
            }

            builder.Add((int)count, i % 2 == 1);
            (before, last) = (last, count);
        }

        RequireSum(total, height, width);
        return new RunLength(builder.Runs(), height, width);
    }

    /// <summary>As COCO's result files have it, and <c>rleToString</c>.</summary>
    public string ToText()
    {
        var text = new StringBuilder(runs.Length * 2);
        for (var i = 0; i < runs.Length; i++)
        {
            var rest = i > 2 ? runs[i] - runs[i - 2] : runs[i];
            bool more;
            do
            {
                var group = rest & 0x1f;
                rest >>= 5;
                more = (group & 0x10) != 0 ? rest != -1 : rest != 0;
                text.Append((char)(FirstCharacter + group + (more ? 0x20 : 0)));
            }
            while (more);
        }

        return text.ToString();
    }

    private static long Number(string text, ref int at)
    {
        var (number, bits, start) = (0L, 0, at);
        while (true)
        {
            if (at == text.Length || text[at] is < (char)FirstCharacter or > (char)LastCharacter
                || at - start == GroupsOfLargest)
            {
                throw new KdException(
                    $"Run lengths: the number at character {start} of '{NameList.Short(text)}' is "
                    + (at == text.Length ? "cut off" : at - start == GroupsOfLargest ? "too long" : "no number")
                    + $"; expected COCO's compressed counts: '0' to 'o', at most {GroupsOfLargest} characters a "
                    + "number.");
            }

            var group = text[at++] - FirstCharacter;
            number |= (long)(group & 0x1f) << bits;
            bits += 5;
            if ((group & 0x20) == 0)
            {
                return (group & 0x10) == 0 ? number : number | (-1L << bits);
            }
        }
    }
}
