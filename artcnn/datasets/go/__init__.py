"""Go: the rules, games, and positions as the planes that a network takes; compiled, for there are millions."""
