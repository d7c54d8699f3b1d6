"""Playing Go by a network: which move, and the protocol by which programs play each other."""
