"""Go: rules, games, and positions as input planes of a network. Compiled, because there are millions of positions."""
