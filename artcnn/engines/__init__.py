"""Engines: generators of steps that optimize a picture. They touch no disk and no screen."""
