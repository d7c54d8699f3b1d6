"""The optimisations of a picture: generators of steps that touch no disk and no screen."""
