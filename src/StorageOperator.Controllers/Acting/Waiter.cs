using StorageOperator.Model;

namespace StorageOperator.Controllers.Acting;

/// <summary>Whose reconcile was put off.</summary>
/// <param name="Key">The object.</param>
/// <param name="IsClaim">Whether it is a claim; else a volume.</param>
internal readonly record struct Waiter(ObjectKey Key, bool IsClaim);
