Console.WriteLine("storage-operator");
