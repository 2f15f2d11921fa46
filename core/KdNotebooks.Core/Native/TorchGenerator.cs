namespace KdNotebooks.Native;

/// <summary>
/// Torch's one CPU generator, lent to one piece of work at a time: what is drawn then depends on the state that the work
/// brings, and on nothing that another thread does.
/// </summary>
/// <remarks>
/// libtorch has one generator for the process, and its dropout and initialization take no other. Two cohorts in two
/// threads take turns, student by student; their passes use all cores in either case.
/// </remarks>
internal static class TorchGenerator
{
    private static readonly Lock Gate = new();

    /// <summary>Seeds the generator and draws from it undisturbed.</summary>
    public static T Seeded<T>(long seed, Func<T> work)
    {
        lock (Gate)
        {
            Seed.Set(seed);
            return work();
        }
    }

    /// <summary>For work that draws and does not mind which numbers, so that it disturbs nobody.</summary>
    public static T Any<T>(Func<T> work)
    {
        lock (Gate)
        {
            return work();
        }
    }

    /// <summary>Goes on from a state, and gives the state that it ends with; the one handed in is disposed.</summary>
    public static T From<T>(ref Tensor state, Func<T> work)
    {
        lock (Gate)
        {
            torch.set_rng_state(state);
            var result = work();
            state.Dispose();
            state = torch.get_rng_state().DetachFromDisposeScope();
            return result;
        }
    }

    /// <summary>The state that the generator is in; the caller owns it. Within <see cref="Seeded"/>.</summary>
    public static Tensor State() => torch.get_rng_state().DetachFromDisposeScope();
}
