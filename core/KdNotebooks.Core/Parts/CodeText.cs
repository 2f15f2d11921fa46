using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Text;

namespace KdNotebooks.Parts;

/// <summary>
/// A part's code written out: the instructions of its methods and of every method of the reader's own that they call,
/// with the values that they read. Two texts are equal where the code is.
/// </summary>
internal sealed partial class CodeText
{
    private const int MostMethods = 4000;

    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Instance | BindingFlags.Static;

    private readonly StringBuilder text = new();
    private readonly Queue<MethodBase> waiting = new();
    private readonly Dictionary<(Module, int), int> methods = [];
    private readonly HashSet<Type> types = [];

    /// <summary>Of every method of a type.</summary>
    public static string OfType(Type type)
    {
        var code = new CodeText();
        code.text.Append(CodeNames.Of(type)).Append('\n');
        code.Add(type);
        return code.Finish();
    }

    /// <summary>Of what a value can do, and of what it holds.</summary>
    public static string OfValue(object value)
    {
        var code = new CodeText();
        code.Value(value, 0);
        return code.Finish();
    }

    private string Finish()
    {
        while (waiting.TryDequeue(out var method))
        {
            Body(method);
        }

        return text.ToString();
    }

    // What the compiler made (equality, accessors) counts where it is called.
    private void Add(Type type)
    {
        var whole = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        if (type.IsGenericParameter || type.HasElementType || !CodeNames.IsReaders(type.Assembly) || !types.Add(whole))
        {
            return;
        }

        if (type.BaseType is { } parent)
        {
            Add(parent);
        }

        var all = whole.GetMethods(Declared).Concat<MethodBase>(whole.GetConstructors(Declared));
        foreach (var method in all.Where(method => !method.IsDefined(typeof(CompilerGeneratedAttribute), false))
            .OrderBy(method => method.MetadataToken))
        {
            Refer(method);
        }
    }

    // A method of the reader's own is written once, after those that were met before it.
    private void Refer(MethodBase method)
    {
        text.Append(CodeNames.Of(method));
        if (method.DeclaringType is { } type && CodeNames.IsReaders(type.Assembly))
        {
            var key = (method.Module, method.MetadataToken);
            if (!methods.TryGetValue(key, out var number))
            {
                methods[key] = number = methods.Count;
                if (number < MostMethods)
                {
                    waiting.Enqueue(method);
                }
            }

            text.Append('#').Append(number);
        }

        text.Append('\n');
    }

    private void Body(MethodBase method)
    {
        text.Append("== ").Append(CodeNames.Of(method)).Append('\n');
        try
        {
            if (method.GetMethodBody() is { } body)
            {
                Body(method, body);
            }
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Code of a kind that cannot be read: then the build that it came with stands for it.
            text.Append(method.Module.ModuleVersionId).Append('\n');
        }
    }

    private void Body(MethodBase method, MethodBody body)
    {
        text.AppendJoin(' ', body.LocalVariables.Select(local => CodeNames.Of(local.LocalType))).Append('\n');
        foreach (var clause in body.ExceptionHandlingClauses)
        {
            text.Append($"{clause.Flags} {clause.TryOffset} {clause.TryLength} {clause.HandlerOffset}\n");
        }

        // Where the last three lines began: a failing match is told its file, line and column.
        var (third, second, last) = (text.Length, text.Length, text.Length);
        foreach (var (code, operand) in IlReader.Read(method, body.GetILAsByteArray() ?? []))
        {
            if (operand is ConstructorInfo { DeclaringType.FullName: "Microsoft.FSharp.Core.MatchFailureException" })
            {
                text.Length = third;
            }

            (third, second, last) = (second, last, text.Length);
            text.Append(code.Name).Append(' ');
            Operand(code, operand);
        }
    }

    private void Operand(OpCode code, object? operand)
    {
        switch (operand)
        {
            case MethodBase method:
                Refer(method);
                if (code == OpCodes.Newobj && method.DeclaringType is { } made)
                {
                    Add(made);
                }

                break;
            case FieldInfo field:
                Field(field);
                break;
            case Type type:
                text.Append(CodeNames.Of(type)).Append('\n');
                // What an object is asked to be is what the code then calls: a task its targets, say.
                if (code == OpCodes.Isinst || code == OpCodes.Castclass)
                {
                    Add(type);
                }

                break;
            case double or float:
                text.Append(((IFormattable)operand).ToString("R", CultureInfo.InvariantCulture)).Append('\n');
                break;
            default:
                text.Append(Convert.ToString(operand, CultureInfo.InvariantCulture)).Append('\n');
                break;
        }
    }

    private void Field(FieldInfo field)
    {
        text.Append(CodeNames.Of(field)).Append('\n');
        if (!field.IsStatic || field.DeclaringType is not { } type || !CodeNames.IsReaders(type.Assembly))
        {
            return;
        }

        // A literal array lies in the assembly as bytes.
        if (field.Attributes.HasFlag(FieldAttributes.HasFieldRVA))
        {
            var bytes = new byte[field.FieldType.StructLayoutAttribute?.Size ?? 1];
            RuntimeHelpers.InitializeArray(bytes, field.FieldHandle);
            text.Append(Convert.ToHexString(bytes)).Append('\n');
        }
        else if (!IsOfTheCompiler(field.Name))
        {
            Value(field.GetValue(null), 0);
        }
    }

    // A lambda that is kept after its first use, and how far a file's start has come: they change while code runs.
    private static bool IsOfTheCompiler(string name) =>
        name.StartsWith("<>", StringComparison.Ordinal) || name.StartsWith("init@", StringComparison.Ordinal);
}
