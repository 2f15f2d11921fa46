using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace KdNotebooks.Parts;

/// <summary>
/// A method's instructions, with tokens resolved: those are numbers of one build, what they mean is not.
/// </summary>
internal static class IlReader
{
    private const byte TwoBytes = 0xFE;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    /// <returns>Each instruction with its operand: a number, a text, a member; null for none.</returns>
    /// <exception cref="Exception">The code is of a kind that cannot be read; who asks has a fallback.</exception>
    public static IEnumerable<(OpCode Code, object? Operand)> Read(MethodBase method, byte[] il)
    {
        for (var at = 0; at < il.Length;)
        {
            var code = il[at] == TwoBytes
                ? Codes[unchecked((short)((TwoBytes << 8) | il[at + 1]))]
                : Codes[il[at]];
            at += code.Size;
            var (operand, size) = Operand(method, code, il.AsSpan(at));
            at += size;
            yield return (code, operand);
        }
    }

    private static (object? Operand, int Size) Operand(MethodBase method, OpCode code, ReadOnlySpan<byte> rest) =>
        code.OperandType switch
        {
            OperandType.InlineNone => (null, 0),
            OperandType.ShortInlineBrTarget or OperandType.ShortInlineI => ((sbyte)rest[0], 1),
            OperandType.ShortInlineVar => (rest[0], 1),
            OperandType.InlineVar => (BinaryPrimitives.ReadUInt16LittleEndian(rest), 2),
            OperandType.InlineBrTarget or OperandType.InlineI => (Number(rest), 4),
            OperandType.ShortInlineR => (BinaryPrimitives.ReadSingleLittleEndian(rest), 4),
            OperandType.InlineI8 => (BinaryPrimitives.ReadInt64LittleEndian(rest), 8),
            OperandType.InlineR => (BinaryPrimitives.ReadDoubleLittleEndian(rest), 8),
            OperandType.InlineSwitch => (Switch(rest), 4 + (4 * Number(rest))),
            OperandType.InlineString => (method.Module.ResolveString(Number(rest)), 4),
            OperandType.InlineSig => ("signature", 4),
            _ => (Member(method, Number(rest)), 4),
        };

    private static int Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes);

    private static string Switch(ReadOnlySpan<byte> bytes)
    {
        var targets = new int[Number(bytes)];
        for (var i = 0; i < targets.Length; i++)
        {
            targets[i] = Number(bytes[(4 * (i + 1))..]);
        }

        return string.Join(' ', targets);
    }

    private static MemberInfo? Member(MethodBase method, int token) => method.Module.ResolveMember(
        token,
        method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null,
        method is MethodInfo { IsGenericMethod: true } ? method.GetGenericArguments() : null);
}
