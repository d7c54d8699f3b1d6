"""Read clips: video containers, animations, and folders of numbered frames."""
