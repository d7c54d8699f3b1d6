"""What a page can ask of the live process, with every bound that is known before torch is loaded."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from artcnn.errors import ArtcnnError

DIGIT_SIDE = 28
MOST_MOVES = 1000
"""Of a game; the longest ones of people have 400."""

MOST_PATCHES = 16
"""Of a unit."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Level = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Place = Annotated[str, Field(pattern=r"^([a-s]{2})?$")]
"""A point in SGF's coordinates, from the upper left of its board; empty for a pass."""
Move = tuple[Literal["B", "W", "AB", "AW"], Place]
"""As SGF has it: who moves, and where; AB and AW set handicap stones."""


class Request(BaseModel):
    """A question, or a part of one."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def files(self) -> list[str]:
        """Return the sha256 of each file that it names."""
        return []


class Game(Request):
    """A game of Go up to a position: its moves, or SGF as text, or as the bytes of a file, a character each."""

    moves: list[Move] | None = Field(None, max_length=MOST_MOVES)
    size: int = Field(19, ge=7, le=19)
    turn: Literal["B", "W"] | None = None
    """Who moves, where there are no moves but handicap stones."""
    sgf: str | None = Field(None, max_length=300_000)

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.moves is None) == (self.sgf is None):
            raise ValueError("give the moves of a game, or its SGF")
        return self


class Input(Request):
    """What a network is shown: a file, the pixels of a digit (bright ink, row by row), or a game."""

    file: Sha256 | None = None
    pixels: list[Level] | None = Field(None, min_length=DIGIT_SIDE**2, max_length=DIGIT_SIDE**2)
    game: Game | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(value is not None for value in (self.file, self.pixels, self.game)) != 1:
            raise ValueError("give a file, pixels or a game")
        return self

    def files(self) -> list[str]:
        """Return the file."""
        return [] if self.file is None else [self.file]


class LayersRequest(Request):
    """What is this network made of?"""

    network: Name
    lang: Name = "en"


class InputRequest(LayersRequest):
    """What does this network take this input for?"""

    input: Input

    def files(self) -> list[str]:
        """Return the input's file."""
        return self.input.files()


class AnswerRequest(InputRequest):
    """What does this network answer?"""

    first: int = Field(10, ge=1, le=1000)


class MapsRequest(InputRequest):
    """What maps does a layer make, the strongest first, or some in order?"""

    layer: Name
    first: int = Field(64, ge=1, le=512)
    side: int = Field(128, ge=8, le=512)
    """Longer side of each picture, in pixels, at most."""


class PointRequest(InputRequest):
    """Which units of a layer answer most at a place of the input?"""

    layer: Name
    y: int = Field(ge=0, le=4096)
    x: int = Field(ge=0, le=4096)
    first: int = Field(12, ge=1, le=512)


class PatchesRequest(LayersRequest):
    """What does a unit answer to most, in the pictures that ship?"""

    layer: Name
    unit: int = Field(ge=0, le=100_000)
    count: int = Field(9, ge=1, le=MOST_PATCHES)


class MaximizeRequest(LayersRequest):
    """What does a unit, or an answer, want to see?"""

    layer: Name | None = None
    unit: int | None = Field(None, ge=0, le=100_000)
    target: Name | None = Field(None, alias="class")
    steps: int | None = Field(None, ge=1, le=512)
    seed: int = Field(0, ge=0, lt=2**63)

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.target is None) == (self.layer is None) or (self.layer is None) != (self.unit is None):
            raise ValueError("give a layer and a unit, or a class")
        return self


class SaliencyRequest(InputRequest):
    """Which pixels does an answer depend on?"""

    target: Name | None = Field(None, alias="class")
    method: Name = "backward"


class OcclusionRequest(InputRequest):
    """What does an answer lose where a square hides the input?"""

    target: Name | None = Field(None, alias="class")
    window: int | None = Field(None, ge=2, le=224)
    stride: int | None = Field(None, ge=1, le=224)


class FoolRequest(InputRequest):
    """Which small change makes the network sure of something else?"""

    target: Name = Field(alias="class")


class GoRequest(Request):
    """What is the position of a game, and what would the network play there?"""

    game: Game
    komi: float = Field(7.5, ge=-100, le=100, allow_inf_nan=False)
    reply: bool = False
    """Whether the network moves."""
    network: Literal["B", "W"] | None = None
    """Which color it plays, for the names in the SGF."""


class InstantRequest(Request):
    """How does a photo look in an instant style?"""

    photo: Sha256
    settings: dict[str, Any] = Field(default_factory=dict, max_length=100)
    size: int = Field(512, ge=32, le=1024)
    """Longer side of the answer, in pixels, at most."""
    protect: Sha256 | None = None

    def files(self) -> list[str]:
        """Return the photo and the mask."""
        return [self.photo] if self.protect is None else [self.photo, self.protect]


REQUESTS: dict[str, type[Request]] = {
    "layers": LayersRequest,
    "input": InputRequest,
    "answer": AnswerRequest,
    "maps": MapsRequest,
    "point": PointRequest,
    "patches": PatchesRequest,
    "maximize": MaximizeRequest,
    "saliency": SaliencyRequest,
    "occlusion": OcclusionRequest,
    "fool": FoolRequest,
    "go": GoRequest,
    "instant": InstantRequest,
}
"""Every kind of question, by its name in the address."""


SLOW = "patches", "maximize", "fool"
"""Questions that may take a minute: a process of their own answers them."""


def parse_request(kind: str, content: bytes) -> Request:
    """Return a question, checked.

    Raises:
        ArtcnnError: it is none; a line for each of its first mistakes.
    """
    try:
        return REQUESTS[kind].model_validate_json(content)
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_input=False)
        lines = [f"{'.'.join(map(str, one['loc'])) or 'request'}: {one['msg']}" for one in mistakes[:3]]
        raise ArtcnnError(*(line[:200] for line in lines)) from None
