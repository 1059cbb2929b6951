// What is measured here is how long an operator takes to come back: two such tests at once would disturb each other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
