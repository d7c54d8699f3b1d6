"""Write films, frame by frame: video containers, animations, and folders of frames."""
