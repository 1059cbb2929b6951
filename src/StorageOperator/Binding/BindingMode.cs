namespace StorageOperator.Binding;

/// <summary>Who binds claims to volumes.</summary>
internal enum BindingMode
{
    /// <summary>Find out: own where it can be seen that nobody else binds, else defer.</summary>
    Auto,

    /// <summary>This program binds, protects and reclaims; kube-controller-manager's four volume controllers are switched off.</summary>
    Own,

    /// <summary>kube-controller-manager binds; this program keeps its hands off.</summary>
    Defer,
}
