using KdNotebooks.Catalogue;
using KdNotebooks.Parts;
using KdNotebooks.Recipes;
using KdNotebooks.Tests.Recipes;

namespace KdNotebooks.Tests.Catalogue;

public sealed class PartKindsTests
{
    [Fact]
    public void Every_choice_that_the_library_has_is_in_it()
    {
        foreach (var (choice, kinds) in PartKinds.All)
        {
            // A reader's function in a type of ours is the reader's own.
            var all = choice.Assembly.GetTypes().Where(type =>
                choice.IsAssignableFrom(type) && !type.IsInterface && !typeof(IOwnPart).IsAssignableFrom(type));
            Assert.Equal(all.OrderBy(type => type.Name), kinds.Select(kind => kind.Type).OrderBy(type => type.Name));
        }
    }

    [Fact]
    public void No_two_choices_of_one_interface_share_a_word() => Assert.All(
        PartKinds.All.Values, kinds => Assert.Equal(kinds.Count, kinds.Select(kind => kind.Kind).Distinct().Count()));

    [Fact]
    public void Every_interface_that_a_recipe_can_hold_is_in_it()
    {
        var held = new HashSet<Type>();
        Walk(typeof(Recipe));
        Assert.Equal(held.OrderBy(type => type.Name), PartKinds.All.Keys.OrderBy(type => type.Name));

        void Walk(Type type)
        {
            foreach (var field in Variations.Fields(type).Select(field => field.PropertyType))
            {
                var inner = field.IsGenericType ? field.GetGenericArguments()[0] : field;
                if (inner.IsInterface)
                {
                    held.Add(inner);
                }
                else if (inner.Namespace!.StartsWith("KdNotebooks", StringComparison.Ordinal) && !inner.IsEnum)
                {
                    Walk(inner);
                }
            }
        }
    }
}
