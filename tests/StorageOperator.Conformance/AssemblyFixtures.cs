[assembly: Xunit.AssemblyFixture(typeof(StorageOperator.Conformance.RunningOperator))]
