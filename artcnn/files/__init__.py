"""Everything that crosses the disk: pictures and models read with suspicion, all written whole or not at all."""
