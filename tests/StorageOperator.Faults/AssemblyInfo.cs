// Most of the time of these tests is waiting, but each runs a server and an operator or two: no more than two classes at a time.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.Collections, MaxThreads = 2)]
