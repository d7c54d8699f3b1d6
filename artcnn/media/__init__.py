"""Everything that crosses the disk: pictures read with suspicion, written whole or not at all."""
