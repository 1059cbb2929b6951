namespace StorageOperator.Binding;

/// <summary>
/// What <c>kube-controller-manager --controllers=...</c> switches on and off. Items are looked at in order and the first that names a
/// controller decides, with <c>-name</c> for off; <c>*</c> anywhere stands for all that are not named. Repeated flags add up
/// (cmd/kube-controller-manager/app, k8s.io/controller-manager/pkg/clientbuilder and genericcontrollermanager.IsControllerEnabled).
/// </summary>
internal sealed class ControllerSwitches
{
    /// <summary>The volume controllers this program replaces, each with the alias that older releases called it by.</summary>
    private static readonly (string Name, string Alias)[] VolumeControllers =
    [
        ("persistentvolume-binder-controller", "persistentvolume-binder"),
        ("persistentvolume-expander-controller", "persistentvolume-expander"),
        ("persistentvolumeclaim-protection-controller", "pvc-protection"),
        ("persistentvolume-protection-controller", "pv-protection"),
    ];

    private readonly IReadOnlyList<string> _items;

    private ControllerSwitches(IReadOnlyList<string> items) => _items = items;

    /// <summary>Whether the controller that binds claims to volumes runs.</summary>
    public bool BinderRuns => Runs(VolumeControllers[0]);

    /// <summary>The other three that run, by name.</summary>
    public IEnumerable<string> OthersThatRun => VolumeControllers.Skip(1).Where(Runs).Select(controller => controller.Name);

    /// <summary>Reads the flag from a container's command and arguments, in either of its forms and with one or two dashes.</summary>
    public static ControllerSwitches Read(IReadOnlyList<string> arguments)
    {
        var items = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i].TrimStart('-');
            if (argument.Length == arguments[i].Length)
            {
                continue;
            }

            if (argument.StartsWith("controllers=", StringComparison.Ordinal))
            {
                Add(items, argument["controllers=".Length..]);
            }
            else if (argument == "controllers" && i + 1 < arguments.Count)
            {
                Add(items, arguments[i + 1]);
            }
        }

        return new(items.Count == 0 ? ["*"] : items);
    }

    private static void Add(List<string> items, string value) =>
        items.AddRange(value.Trim('"', '\'').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private bool Runs((string Name, string Alias) controller)
    {
        foreach (var item in _items)
        {
            var name = item.StartsWith('-') ? item[1..] : item;
            if (name == controller.Name || name == controller.Alias)
            {
                return !item.StartsWith('-');
            }
        }

        return _items.Contains("*");
    }
}
