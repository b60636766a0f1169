"""What `scan` needs of a command line beside its options: which files a folder holds, and messages without secrets."""
