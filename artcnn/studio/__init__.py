"""The studio: artcnn in a browser, on one's own machine.

A server (``app.py``) shows pages and takes wishes; it computes nothing. A child process
(``worker.py``) makes one job after the other. All that there is lies in a folder (``store.py``): uploaded files by
their sha256, and a folder for each job. So the server, the worker or the browser may be killed at any moment: what was
asked for is still there, and goes on.
"""
