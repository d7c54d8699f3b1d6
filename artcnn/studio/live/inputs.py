"""From what a page shows a network to the input of that network; the last few are kept."""

from collections import OrderedDict
from pathlib import Path

import torch

from artcnn.errors import ArtcnnError
from artcnn.inspection.subject import Subject, show
from artcnn.studio.live.networks import input_name, open_shipped
from artcnn.studio.live.requests import DIGIT_SIDE, Input, InputRequest

_KEPT = 8


class Inputs:
    """Inputs of networks.

    Args:
        files: the folder of the uploaded files, each called by its sha256.
    """

    def __init__(self, files: Path) -> None:
        self._files = files
        self._kept = OrderedDict[tuple[str, str], Subject]()

    def subject(self, request: InputRequest) -> Subject:
        """Return a network that is shown something.

        Raises:
            ArtcnnError: there is no such network, or it cannot be shown that.
        """
        key = request.network, request.input.model_dump_json()
        if key not in self._kept:
            self._kept[key] = self._read(request)
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]

    def _read(self, request: InputRequest) -> Subject:
        network, given = open_shipped(request.network), request.input
        takes = input_name(network)
        if _kind(given) not in {takes, "file"} or (takes == "board" and given.file is not None):
            raise ArtcnnError(f"{network.name} takes a {takes}, and this is a {_kind(given)}")
        if given.file is not None:
            return show(network, self._files / given.file)
        if given.pixels is not None:
            return show(network, torch.tensor(given.pixels).view(1, 1, DIGIT_SIDE, DIGIT_SIDE))
        assert given.game is not None  # noqa: S101 - an input is one of the three
        from artcnn.inspection.board import Board
        from artcnn.studio.live.games import read_game

        game = read_game(given.game)
        board = Board(game.state, game.color)
        return Subject(network, shown=board.encode(network), name="the game", board=board, notes=game.notes)


def _kind(given: Input) -> str:
    return "file" if given.file is not None else "digit" if given.pixels is not None else "board"
