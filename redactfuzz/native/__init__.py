"""C and C++ programs: their threads under our scheduler, their crash wherever it may strike."""
