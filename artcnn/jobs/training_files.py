"""Where a training may write: a model, its learning curve, and the checkpoint that it can be resumed from."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from artcnn.errors import ArtcnnError, CheckpointError


@dataclass(frozen=True)
class TrainingFiles:
    """The files of a training.

    Attributes:
        model: the trained network.
        checkpoint: where a training that was stopped can be resumed from.
        curve: the learning curve; None if none is drawn.
        chosen: how they were chosen: ``--out``, the name of a new file, whether to resume, whether to replace.
    """

    model: Path
    checkpoint: Path
    curve: Path | None
    chosen: tuple[Path | None, str, bool, bool] = (None, "", False, False)

    @classmethod
    def of(cls, model: Path) -> "TrainingFiles":
        """Return the files of a training whose network goes to ``model``."""
        from artcnn.files.file_names import fit_name

        stem = model.name.removesuffix(model.suffix)
        checkpoint, curve = (fit_name(stem, tail) for tail in (".checkpoint.safetensors", "-curve.png"))
        return cls(model, model.with_name(checkpoint), model.with_name(curve))

    @classmethod
    def choose(cls, out: Path | None, name: str, resume: bool, force: bool = False) -> "TrainingFiles":
        """Return where a training may write: ``out``, or a new file called ``name``.

        Raises:
            ArtcnnError: nothing can be written there, a file or a checkpoint would be lost, or there is none to resume.
        """
        from artcnn.files.atomic import check_folder, check_no_overwrite
        from artcnn.files.file_names import fit_name, unique_path
        from artcnn.files.name_lock import is_locked

        def exists(model: Path) -> bool:
            return not resume and (is_locked(model) or any(map(os.path.lexists, cls.of(model).each())))

        chosen = out or unique_path(lambda number: Path(fit_name(name, f"{number}.safetensors")), exists)
        files = replace(cls.of(chosen), chosen=(out, name, resume, force))
        if files.model.suffix != ".safetensors":
            raise ArtcnnError(f"cannot write {files.model}", hint="the name of a model ends in .safetensors")
        check_folder(files.model)
        if resume and not files.checkpoint.is_file():
            raise CheckpointError(f"there is nothing to resume: no {files.checkpoint}")
        if not resume and files.checkpoint.exists():
            raise CheckpointError(
                f"an interrupted run left {files.checkpoint}", hint="give --resume to continue it, or delete it"
            )
        for path in files.each():
            if path != files.checkpoint:
                check_no_overwrite(path, force or resume)
        return files

    @property
    def preview(self) -> Path:
        """Where a network that makes pictures shows what it makes so far."""
        from artcnn.files.file_names import fit_name

        return self.model.with_name(fit_name(self.model.name.removesuffix(self.model.suffix), "-so-far.jpg"))

    def each(self) -> tuple[Path, ...]:
        """Return the files."""
        return tuple(path for path in (self.model, self.checkpoint, self.curve, self.preview) if path is not None)

    @property
    def may_replace(self) -> bool:
        """Whether files that are there are this run's own, or may be replaced."""
        _, _, resume, force = self.chosen
        return resume or force

    @contextmanager
    def locked(self, writes: bool) -> Iterator["TrainingFiles"]:
        """Lock the files while the training runs; they get another new name where another run took theirs meanwhile.

        Args:
            writes: whether this process is the one that writes.

        Raises:
            ArtcnnError: another run writes to ``--out``.
        """
        from artcnn.files.name_lock import check_unlocked, locked_path

        def choose() -> Path:
            model = TrainingFiles.choose(*self.chosen).model
            check_unlocked(model)
            return model

        if not writes:
            yield self
            return
        with locked_path(choose) as model:
            yield replace(TrainingFiles.of(model), chosen=self.chosen)
