"""Keys whose parts lie apart in memory, in any order: each line of a PEM, each number of a JSON Web Key by itself."""
