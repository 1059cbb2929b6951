namespace StorageOperator.Binding;

/// <summary>A pod that runs kube-controller-manager.</summary>
/// <param name="Name">The pod's name.</param>
/// <param name="Node">The node it runs on, or null. Its Lease is held in this name.</param>
/// <param name="Arguments">The container's command and arguments.</param>
internal sealed record ControllerManagerPod(string Name, string? Node, IReadOnlyList<string> Arguments)
{
    /// <summary>What its arguments switch on.</summary>
    public ControllerSwitches Switches => ControllerSwitches.Read(Arguments);

    /// <summary>
    /// Whether a Lease holder is this pod. kube-controller-manager identifies itself as host name, underscore, random UID; its pod
    /// uses the node's network and so the node's host name, which is the node's name but for a domain.
    /// </summary>
    public bool Holds(string holder)
    {
        var separator = holder.LastIndexOf('_');
        var host = separator < 0 ? holder : holder[..separator];
        return host == Name || (Node is not null && (host == Node || FirstLabel(host) == FirstLabel(Node)));
    }

    private static string FirstLabel(string host) => host.Split('.')[0];
}
