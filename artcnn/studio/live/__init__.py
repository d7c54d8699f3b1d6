"""Quick questions of the pages: what a network sees in an input, or a photo in an instant style.

A child process answers them, one after the other, while the worker makes its jobs; those that may take a minute get
another of the same kind. ``requests.py`` says what can be asked, ``routes.py`` belongs to the server, everything else
to the child (``__main__.py``). Each ``POST /api/live/KIND`` answers JSON, whose pictures are base64 of PNG or JPEG;
``instant`` answers a JPEG. A page names itself in the header ``x-page``: its newer question of a kind takes the place
of one that still waits.
"""
