namespace StorageOperator.Controllers;

/// <summary>Who binds claims in this cluster.</summary>
public enum BindingMode
{
    /// <summary>This program: it replaces kube-controller-manager's four volume controllers.</summary>
    Own,

    /// <summary>kube-controller-manager: this program only explains why claims wait.</summary>
    Defer,
}
