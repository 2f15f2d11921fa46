using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace KdNotebooks.Parts;

internal sealed partial class CodeText
{
    private const int MostValues = 100_000, Deepest = 40;

    private const BindingFlags Held =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;

    private readonly Dictionary<object, int> objects = new(ReferenceEqualityComparer.Instance);
    private int values;

    // What code has captured or reads: numbers and texts as they are, tensors by their contents, objects by their
    // fields.
    private void Value(object? value, int depth)
    {
        if (value is null || depth > Deepest || values++ > MostValues)
        {
            text.Append(value is null ? "null\n" : "...\n");
            return;
        }

        var type = value.GetType();
        text.Append(CodeNames.Of(type)).Append(' ');
        if (!type.IsValueType && value is not string && !IsNew(value))
        {
            return;
        }

        try
        {
            Content(value, type, depth);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A tensor that is disposed of, say.
            text.Append(error.GetType().Name).Append('\n');
        }
    }

    private bool IsNew(object value)
    {
        if (objects.TryAdd(value, objects.Count))
        {
            return true;
        }

        text.Append('#').Append(objects[value]).Append('\n');
        return false;
    }

    private void Content(object value, Type type, int depth)
    {
        switch (value)
        {
            case string or IFormattable or bool or char:
                text.Append(Convert.ToString(value, CultureInfo.InvariantCulture)).Append('\n');
                break;
            case Tensor tensor:
                Numbers(tensor);
                break;
            case Delegate function:
                Refer(function.Method);
                Value(function.Target, depth + 1);
                break;
            case Type named:
                text.Append(CodeNames.Of(named)).Append('\n');
                break;
            case nn.Module module:
                Add(type);
                Weights(module);
                break;
            case ITuple tuple:
                Items(Enumerable.Range(0, tuple.Length).Select(i => tuple[i]), depth);
                break;
            case IEnumerable items when !CodeNames.IsReaders(type.Assembly):
                Items(items, depth);
                break;
            case var _ when Fingerprint(value, type) is { } known:
                text.Append(known).Append('\n');
                break;
            default:
                Add(type);
                Fields(value, type, depth);
                break;
        }
    }

    private void Items(IEnumerable items, int depth)
    {
        text.Append("[\n");
        foreach (var item in items)
        {
            Value(item, depth + 1);
            if (values > MostValues)
            {
                break;
            }
        }

        text.Append("]\n");
    }

    // Of System's own objects only the type counts: what they hold is how they work.
    private void Fields(object value, Type type, int depth)
    {
        text.Append('\n');
        for (var at = type; at is not null && !IsSystem(at); at = at.BaseType)
        {
            foreach (var field in at.GetFields(Held).OrderBy(field => field.MetadataToken)
                .Where(field => !field.FieldType.IsPointer && field.FieldType != typeof(IntPtr)))
            {
                text.Append(CodeNames.Of(field)).Append('=');
                Value(field.GetValue(value), depth + 1);
            }
        }
    }

    private static bool IsSystem(Type type) => type.Namespace is { } name
        && (name == "System" || name.StartsWith("System.", StringComparison.Ordinal));

    private static string? Fingerprint(object value, Type type) =>
        type.GetProperty("Fingerprint", typeof(string))?.GetValue(value) as string;

    private void Weights(nn.Module module)
    {
        text.Append('\n');
        foreach (var (name, tensor) in module.state_dict())
        {
            text.Append(name).Append(' ');
            Numbers(tensor);
        }
    }

    private void Numbers(Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        var plain = tensor.detach().cpu().contiguous();
        text.Append($"{plain.dtype} [{string.Join(", ", plain.shape)}] ")
            .Append(Convert.ToHexString(SHA256.HashData(plain.bytes))).Append('\n');
    }
}
