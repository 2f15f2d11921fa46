using System.Collections;
using System.Reflection;

using System.Runtime.CompilerServices;
using static TorchSharp.torch.nn;
using Module = TorchSharp.torch.nn.Module;

namespace KdNotebooks.Distillation;

/// <summary>Listens to what a module gives, whatever it takes and gives.</summary>
/// <remarks>
/// TorchSharp registers hooks on the generic module types only, and has no common type for their outputs: the right
/// method is found by reflection, once for each tap.
/// </remarks>
internal static class ForwardHooks
{
    private const BindingFlags Ours = BindingFlags.NonPublic | BindingFlags.Static;

    /// <param name="module">A module with one to three inputs.</param>
    /// <param name="hear">Is given every output.</param>
    /// <returns>Takes the hook away again; null where the module cannot be listened to.</returns>
    public static Action? Attach(Module module, Action<object?> hear)
    {
        if (module is Module<Tensor, Tensor> plain)
        {
            return On1(plain, hear);
        }

        for (var type = module.GetType(); type is not null; type = type.BaseType)
        {
            var arguments = type.IsGenericType ? type.GetGenericArguments() : [];
            var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
            var method = definition == typeof(Module<,>) ? nameof(On1)
                : definition == typeof(Module<,,>) ? nameof(On2)
                : definition == typeof(Module<,,,>) ? nameof(On3)
                : null;
            if (method is not null)
            {
                return (Action)typeof(ForwardHooks).GetMethod(method, Ours)!.MakeGenericMethod(arguments)
                    .Invoke(null, [module, hear])!;
            }
        }

        return null;
    }

    /// <summary>The tensors of an output, in their order: of one, of a list, of a tuple; empty for anything else.</summary>
    public static IReadOnlyList<Tensor> Tensors(object? output) => output switch
    {
        Tensor tensor => [tensor],
        ITuple tuple => [.. Enumerable.Range(0, tuple.Length).SelectMany(i => Tensors(tuple[i]))],
        IDictionary map => [.. map.Values.Cast<object?>().SelectMany(Tensors)],
        IEnumerable list => [.. list.Cast<object?>().SelectMany(Tensors)],
        _ => [],
    };

    private static Action On1<T, TResult>(Module<T, TResult> module, Action<object?> hear)
    {
        var hook = module.register_forward_hook((_, _, output) =>
        {
            hear(output);
            return output;
        });
        return hook.remove;
    }

    private static Action On2<T1, T2, TResult>(Module<T1, T2, TResult> module, Action<object?> hear)
    {
        var hook = module.register_forward_hook((_, _, _, output) =>
        {
            hear(output);
            return output;
        });
        return hook.remove;
    }

    private static Action On3<T1, T2, T3, TResult>(Module<T1, T2, T3, TResult> module, Action<object?> hear)
    {
        var hook = module.register_forward_hook((_, _, _, _, output) =>
        {
            hear(output);
            return output;
        });
        return hook.remove;
    }
}
