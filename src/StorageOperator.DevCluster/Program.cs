Console.WriteLine("storage-devcluster");
