using System.Reflection;
using StorageOperator.Model;
using StorageOperator.Runtime.Rbac;

namespace StorageOperator.Generate;

/// <summary>The rights the code says it needs, in its <c>[EntityRbac]</c> and <c>[GenericRbac]</c> attributes.</summary>
/// <param name="OfCluster">For the ClusterRole.</param>
/// <param name="OfOwnNamespace">For the Role in the operator's own namespace.</param>
internal sealed record RbacRules(IReadOnlyList<RbacRule> OfCluster, IReadOnlyList<RbacRule> OfOwnNamespace)
{
    public static RbacRules Of(IEnumerable<Assembly> assemblies)
    {
        var types = assemblies.SelectMany(assembly => assembly.GetTypes()).ToArray();
        var entity = types.SelectMany(type => type.GetCustomAttributes<EntityRbacAttribute>(false)).SelectMany(Rules);
        var generic = types.SelectMany(type => type.GetCustomAttributes<GenericRbacAttribute>(false)).ToArray();
        return new(
            Merge(entity.Concat(generic.Where(rule => !rule.Namespaced).SelectMany(Rules))),
            Merge(generic.Where(rule => rule.Namespaced).SelectMany(Rules)));
    }

    private static IEnumerable<RbacRule> Rules(EntityRbacAttribute attribute) =>
        from name in attribute.ResourceTypes
        let type = (ResourceType)typeof(ResourceTypes).GetField(name, BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!
        let resource = attribute.Subresource is null ? type.Plural : $"{type.Plural}/{attribute.Subresource}"
        select new RbacRule([type.Group], [resource], [], [], attribute.Verbs, Reasons(attribute.Why));

    private static IEnumerable<RbacRule> Rules(GenericRbacAttribute attribute) => attribute.Urls.Length > 0
        ? [new([], [], [], attribute.Urls, attribute.Verbs, Reasons(attribute.Why))]
        : from @group in attribute.Groups
          from resource in attribute.Resources
          select new RbacRule([@group], [resource], attribute.ResourceNames, [], attribute.Verbs, Reasons(attribute.Why));

    private static string[] Reasons(string? why) => why is null ? [] : [why];

    private static RbacRule[] Merge(IEnumerable<RbacRule> rules) =>
    [
        .. rules.GroupBy(rule => rule.Subject).Select(same => same.Aggregate(Join)).OrderBy(rule => rule.Subject, StringComparer.Ordinal),
    ];

    private static RbacRule Join(RbacRule a, RbacRule b) => a with
    {
        Verbs = a.Verbs | b.Verbs,
        Why = [.. a.Why.Concat(b.Why).Distinct().Order(StringComparer.Ordinal)],
    };
}
