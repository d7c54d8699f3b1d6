"""What networks are trained for here: reading digits, hearing words, playing Go; ``table`` has them all."""
