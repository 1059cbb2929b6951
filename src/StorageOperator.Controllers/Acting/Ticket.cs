using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Controllers.Acting;

/// <summary>A plan that may be carried out: until it is disposed, nobody else plans for the objects it touches.</summary>
internal sealed class Ticket(Desk desk, Plan plan, ObjectKey[] claims, ObjectKey[] volumes) : IDisposable
{
    public Plan Plan => plan;

    public IReadOnlyList<ObjectKey> Claims => claims;

    public IReadOnlyList<ObjectKey> Volumes => volumes;

    public void Dispose() => desk.Return(this);
}
