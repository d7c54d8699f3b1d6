"""The answers of the live process, by kind of question."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from artcnn.errors import ArtcnnError
from artcnn.inspection.answer_methods import Fool, Occlusion, Saliency
from artcnn.inspection.input_kinds import input_kind
from artcnn.inspection.layers import list_layers
from artcnn.inspection.maximize_method import Maximize
from artcnn.inspection.method import Method
from artcnn.inspection.outline import Outline
from artcnn.inspection.prediction import predict
from artcnn.inspection.subject import Subject
from artcnn.inspection.writing import annotate
from artcnn.reports.i18n import Catalog, load_catalog
from artcnn.reports.results import Finding
from artcnn.studio.live.inputs import Inputs
from artcnn.studio.live.instant import InstantPictures
from artcnn.studio.live.layers import find_at, find_maps
from artcnn.studio.live.networks import input_name, open_shipped
from artcnn.studio.live.patches import PatchSearches
from artcnn.studio.live.pictures import draw, plain_axes, plain_finding, translated
from artcnn.studio.live.requests import (
    REQUESTS,
    AnswerRequest,
    FoolRequest,
    GoRequest,
    InputRequest,
    InstantRequest,
    LayersRequest,
    MapsRequest,
    MaximizeRequest,
    OcclusionRequest,
    PatchesRequest,
    PointRequest,
    SaliencyRequest,
)

Plain = dict[str, Any]


class Answers:
    """Answers questions.

    Args:
        files: the folder of the uploaded files, each called by its sha256.
    """

    def __init__(self, files: Path) -> None:
        torch.set_num_threads(max(1, torch.get_num_threads() // 2))  # the worker is at work beside it
        self._files, self._inputs, self._instant = files, Inputs(files), InstantPictures(files)
        self._patch_searches = PatchSearches()
        self._kinds: dict[str, Callable[[Any], Plain]] = {
            "layers": self._layers,
            "input": self._input,
            "answer": self._answer,
            "maps": self._maps,
            "point": self._point,
            "patches": self._patches,
            "maximize": self._maximize,
            "saliency": self._saliency,
            "occlusion": self._occlusion,
            "fool": self._fool,
            "go": self._go,
        }

    def answer(self, kind: str, request: Mapping[str, Any]) -> tuple[str, bytes]:
        """Return the answer to a question: the type of its content, and the content.

        Raises:
            ArtcnnError: there is none, and the user can do something about it.
        """
        question = REQUESTS[kind].model_validate(request)
        if isinstance(question, InstantRequest):
            return "image/jpeg", self._instant.paint(question)
        plain = self._kinds[kind](question)
        return "application/json", json.dumps(plain, ensure_ascii=False, allow_nan=False).encode()

    def renamed(self, error: ArtcnnError, names: Mapping[str, str]) -> ArtcnnError:
        """Return an error that calls the files by what the user calls them."""
        paths = {str(self._files / sha256): name for sha256, name in names.items()}

        def plain(text: str) -> str:
            for path, name in paths.items():
                text = text.replace(path, name)
            return text

        hint = None if error.hint is None else plain(error.hint)
        return type(error)(*map(plain, error.messages), hint=hint)

    def _layers(self, request: LayersRequest) -> Plain:
        network = open_shipped(request.network)
        layers = []
        for row in list_layers(network):
            channels, *sides = row["output"]
            height, width = sides or (1, 1)
            facts = {key: row[key] for key in ("name", "receptive_field", "stride", "kernel", "parameters")}
            layers.append(facts | {"type": row["kind"], "channels": channels, "height": height, "width": width})
        size = list(network.input_shape)
        return {"kind": input_name(network), "size": size, "classes": list(network.classes), "layers": layers}

    def _input(self, request: InputRequest) -> Plain:
        """Return the input as the network takes it, and doubts about it."""
        subject = self._inputs.subject(request)
        catalog, picture = load_catalog(request.lang), subject.picture
        shown = picture if subject.board is None else subject.board.picture(11)
        return {
            "kind": input_name(subject.network),
            "picture": draw(shown),
            "height": picture.shape[2],
            "width": picture.shape[3],
            "axes": plain_axes(subject.kind.axes()),
            **_notes(subject, catalog),
        }

    def _answer(self, request: AnswerRequest) -> Plain:
        subject = self._inputs.subject(request)
        network = subject.network
        if subject.board is None:
            _, probabilities = predict(network, subject.picture)
        else:
            from artcnn.inspection.board import move_probabilities

            probabilities = move_probabilities(network, subject.board)
        order = probabilities.argsort(descending=True, stable=True).tolist()[: request.first]
        answers = [{"name": network.classes[number], "probability": float(probabilities[number])} for number in order]
        return {"answers": answers, **_notes(subject, load_catalog(request.lang))}

    def _maps(self, request: MapsRequest) -> Plain:
        subject = self._inputs.subject(request)
        catalog = load_catalog(request.lang)
        return find_maps(subject, request.layer, request.first, request.side, catalog)

    def _point(self, request: PointRequest) -> Plain:
        return find_at(self._inputs.subject(request), request.layer, (request.y, request.x), request.first)

    def _patches(self, request: PatchesRequest) -> Plain:
        subject = _unshown(request)
        finding, searched, count = self._patch_searches.find(subject.network, request)
        return self._tell(finding, subject, request) | {"searched": searched, "of": count}

    def _maximize(self, request: MaximizeRequest) -> Plain:
        subject = _unshown(request)
        if request.target is not None:
            method = Maximize("class", request.target, steps=request.steps, seed=request.seed)
        else:
            layer = subject.network.layer(request.layer or "").name
            what = "conv" if len(subject.network.shapes()[layer]) == 3 else "fc"
            method = Maximize(what, f"{layer}:{request.unit}", steps=request.steps, seed=request.seed)
        return self._find(method, subject, request)

    def _saliency(self, request: SaliencyRequest) -> Plain:
        return self._find(Saliency(request.target, request.method), self._inputs.subject(request), request)

    def _occlusion(self, request: OcclusionRequest) -> Plain:
        method = Occlusion(request.target, request.window, request.stride)
        return self._find(method, self._inputs.subject(request), request)

    def _fool(self, request: FoolRequest) -> Plain:
        return self._find(Fool(request.target), self._inputs.subject(request), request)

    def _go(self, request: GoRequest) -> Plain:
        from artcnn.studio.live.go import play  # needs the extra "go"

        return play(request)

    def _find(self, method: Method, subject: Subject, request: LayersRequest) -> Plain:
        """Return what a method of inspection finds, as plain data."""
        network = subject.network
        side = min(network.input_shape[1:]) if network.classes else 0
        kind = input_kind(network.kind)
        method.check(Outline(network.name, kind, not network.classes, network.classes, {}, side), None)
        found = method.find(subject)
        if isinstance(found, Mapping):
            raise TypeError(f"{method.name} finds several things")
        return self._tell(found, subject, request)

    def _tell(self, found: Finding, subject: Subject, request: LayersRequest) -> Plain:
        return plain_finding(annotate(found, subject), load_catalog(request.lang))


def _unshown(request: LayersRequest) -> Subject:
    return Subject(open_shipped(request.network))


def _notes(subject: Subject, catalog: Catalog) -> Plain:
    doubt = "" if subject.doubt is None else translated(subject.doubt, catalog)
    return {"doubt": doubt, "notes": list(subject.notes)}
