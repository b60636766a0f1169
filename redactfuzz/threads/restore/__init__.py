"""What an execution must find as the one before it did: values of modules, dumps as they were, the order of sets."""
