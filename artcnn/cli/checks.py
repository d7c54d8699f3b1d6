"""Which options go with each other, and with what is made."""

from pathlib import Path
from typing import TYPE_CHECKING

from artcnn.cli.options import RunOptions
from artcnn.errors import ArtcnnError
from artcnn.extras import require

if TYPE_CHECKING:
    from artcnn.jobs.job import Job


def check_options(job: "Job", options: RunOptions) -> None:
    """Check that the options go with each other, and with a video where one is made.

    Raises:
        ArtcnnError: they do not.
    """
    if options.cluster is not None:
        _check_cluster(job, options)
    elif options.shared:
        raise ArtcnnError("--shared says what the machines of a --cluster see, leave it out")
    if not job.makes_video:
        return
    if options.many and job.film is None:
        raise ArtcnnError("a film is made of one photo", hint="name one file, not several or a folder")
    if options.keep_gps:
        raise ArtcnnError("--keep-gps: a film tells nothing of the photo, leave it out")
    if options.save_every:
        raise ArtcnnError("--save-every: a film keeps every step that there is, leave it out")


def check_joinable(job: "Job", out: Path) -> None:
    """Check that the shots of a film, made on a cluster, can be joined in a file of this name.

    Raises:
        ArtcnnError: they cannot.
    """
    if job.film is not None and job.makes_video and out.suffix.lower() not in (".mp4", ".webm", ""):
        hint = "give --out a name in .mp4 or .webm, or of a folder"
        raise ArtcnnError(f"{out}: what a cluster makes of a clip is no {out.suffix.lower()} film", hint=hint)


def _check_cluster(job: "Job", options: RunOptions) -> None:
    """Check that options go with a cluster.

    Raises:
        ArtcnnError: they do not.
        MissingExtraError: Ray is not installed.
    """
    from artcnn.cluster.address import check_address
    from artcnn.files.streams import STREAM, is_stream
    from artcnn.jobs.inputs import main_input

    if options.preview:
        raise ArtcnnError("--preview: a picture that grows elsewhere is not seen here, leave it out")
    if options.save_every:
        raise ArtcnnError("--save-every: a cluster returns finished pictures only, leave it out")
    if options.device not in ("auto", "cpu", "cuda"):
        raise ArtcnnError(f"--device {options.device}", hint="a cluster computes on cpu or cuda")
    if (options.out is not None and is_stream(options.out)) or main_input(job.inputs) == STREAM:
        raise ArtcnnError("--cluster makes files of files, not of pipes", hint="name the photo, and give --out a file")
    require("cluster")
    if options.cluster != "auto":
        check_address(str(options.cluster))
