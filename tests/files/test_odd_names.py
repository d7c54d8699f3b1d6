"""Names that are no text, or more than a line, are written out where they are drawn, and opened as any other."""

import os

import numpy as np
import soundfile
import torch
from PIL import Image

from artcnn.files.read import read_picture
from artcnn.files.sound import read_sound
from artcnn.files.write import write_picture
from artcnn.reports.contact_sheet import ContactSheet
from artcnn.reports.prediction_chart import Prediction, write_prediction_chart
from artcnn.reports.sheet import Sheet, write_sheet

ODD = os.fsdecode(b"caf\xe9\xff \n[b]")  # bytes of Latin-1, a new line, markup


def test_they_are_drawn(tmp_path):
    assert ContactSheet([(40, 40)], [("--seed", "1")], title=ODD, command=ODD).draw({}, "not made").shape[1] == 3
    tiles = torch.zeros(1, 1, 8, 8, dtype=torch.uint8)
    write_sheet(tmp_path / f"{ODD}.png", Sheet(tiles, 1, [ODD], ODD))
    write_prediction_chart(tmp_path / f"{ODD}-2.png", [Prediction(ODD, torch.zeros(40, 64), "one", {"one": 1.0})])
    for path in tmp_path.iterdir():
        with Image.open(path) as picture:
            assert picture.width > 20


def test_they_are_read_and_written(tmp_path):
    write_picture(tmp_path / f"{ODD}.png", torch.zeros(1, 3, 40, 40))
    assert read_picture(tmp_path / f"{ODD}.png").pixels.shape == (1, 3, 40, 40)
    soundfile.write(os.fsencode(tmp_path / f"{ODD}.wav"), np.zeros(8000), 8000, format="WAV")
    assert len(read_sound(tmp_path / f"{ODD}.wav")) == 8000
