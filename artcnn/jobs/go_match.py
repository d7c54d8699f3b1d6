"""A match of a network for Go against another engine: each game in a file, and what came of all."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from artcnn.files.atomic import write_atomic
from artcnn.playing.match import MatchGame, MatchSettings, play_match
from artcnn.playing.player import Player
from artcnn.training.metrics import wilson_interval


@dataclass(eq=False)
class Match:
    """A match, as far as it has been played.

    Attributes:
        player: the network.
        names: its name, and the other engine's.
        settings: what each game is played by.
        folder: where each game is written, as 0001.sgf and so on.
        games: the games that are over.
    """

    player: Player
    names: tuple[str, str]
    settings: MatchSettings
    folder: Path
    games: list[MatchGame] = field(default_factory=list)

    @property
    def won(self) -> int:
        """How many games the network won."""
        return sum(game.won is True for game in self.games)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the part of games that it wins."""
        return wilson_interval(self.won, len(self.games))

    def play(self, count: int) -> Iterator[MatchGame]:
        """Play so many games; write each, and yield it.

        Raises:
            ArtcnnError: the other engine cannot be started, or a file cannot be written.
        """
        for game in play_match(self.player, count, self.settings):
            self.games.append(game)
            black, white = self.names if game.color == "black" else self.names[::-1]
            text = game.record.as_sgf(PB=black, PW=white, KM=f"{self.settings.komi:g}", RE=game.result)
            write_atomic(self.folder / f"{len(self.games):04}.sgf", text.encode())
            yield game

    def to_json(self) -> dict[str, Any]:
        """Return it for machines."""
        (model, opponent), (low, high) = self.names, self.interval
        report = {"model": model, "opponent": opponent, "games": len(self.games), "won": self.won}
        report |= {"low": low, "high": high, "folder": str(self.folder)}
        return report | {"each": [game.to_json() for game in self.games]}
