"""``python -m artcnn.studio``: what ``artcnn studio`` starts."""

import sys
from argparse import ArgumentParser
from pathlib import Path

from artcnn.errors import ArtcnnError
from artcnn.locations import studio_dir
from artcnn.studio.server import serve


def main() -> None:
    """Show the studio until Ctrl-C; what is wrong is a line, and exit code 1."""
    parser = ArgumentParser("artcnn studio")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--no-browser", dest="browser", action="store_false")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    try:
        serve(options.folder or studio_dir(), options.host, options.port, browser=options.browser)
    except ArtcnnError as error:
        sys.stderr.write("".join(f"error: {line}\n" for line in error.lines))
        raise SystemExit(1) from error
    except KeyboardInterrupt as error:  # the server has ended by it
        raise SystemExit(130) from error


if __name__ == "__main__":
    main()
