"""Pictures, videos, sounds, games and models as files: input is checked, output is written atomically."""
