"""What the names of recordings say, and who is held out."""

import torch

from artcnn.datasets.examples import Examples
from artcnn.datasets.recordings import Recordings
from artcnn.datasets.utterance import Utterance


def recordings(speakers=("ann", "bob"), takes=range(5, 14)) -> Recordings:
    utterances = [Utterance(label, who, take) for label in ("no", "yes") for who in speakers for take in takes]
    labels = torch.tensor([("no", "yes").index(one.label) for one in utterances])
    inputs = torch.arange(len(utterances), dtype=torch.uint8).view(-1, 1, 1, 1)
    files = tuple(f"{one.label}_{one.speaker}_{one.take}.wav" for one in utterances)
    return Recordings(Examples(inputs, labels, ("no", "yes"), "test"), files, tuple(utterances))


def test_a_name_says_who_and_the_how_manieth():
    assert Utterance.parse("7", "jackson_32") == Utterance("7", "jackson", 32)
    assert Utterance.parse("left", "0a7c2a8d_nohash_1") == Utterance("left", "0a7c2a8d_nohash", 1)
    assert Utterance.parse("7", "12") == Utterance("7", "", 12)
    assert Utterance.parse("7", "kitchen") == Utterance("7", "", 0)
    assert Utterance.parse("7", "anna_maria") == Utterance("7", "", 0)
    assert Utterance.parse("7", "x_99999999999999999999") == Utterance("7", "", 0)


def test_the_lowest_takes_of_everyone_are_held_out():
    train, validation = recordings().split(1 / 3)
    assert {one.take for one in validation.utterances} == {5, 6, 7}
    assert {one.take for one in train.utterances} == set(range(8, 14))
    assert (validation.speakers(), len(validation.files)) == (["ann", "bob"], 12)
    both = torch.cat([train.examples.inputs, validation.examples.inputs]).flatten()
    assert both.sort().values.tolist() == list(range(36)), "each is in one of the parts"
    for part in (train, validation):
        for inputs, file, one in zip(part.examples.inputs.flatten().tolist(), part.files, part.utterances, strict=True):
            assert recordings().files[inputs] == file
            assert file == f"{one.label}_{one.speaker}_{one.take}.wav"


def test_one_of_each_label_is_held_out_and_one_learned_from_however_few_there_are():
    for part in (0.01, 0.99):
        train, validation = recordings(("ann",), (1, 2)).split(part)
        assert [one.take for one in train.utterances] == [2, 2]
        assert [one.take for one in validation.utterances] == [1, 1]


def test_a_speaker_stands_apart():
    others, theirs = recordings(("ann", "bob", "cem")).apart("bob")
    assert (others.speakers(), theirs.speakers()) == (["ann", "cem"], ["bob"])
    assert len(others.files) + len(theirs.files) == 54


def test_labels_count_in_the_classes_of_a_model():
    few = recordings().labelled(("maybe", "no", "yes"))
    assert few.examples.classes == ("maybe", "no", "yes")
    assert few.examples.labels.unique().tolist() == [1, 2]
    other = recordings().labelled(("maybe", "yes"))
    assert other.examples.classes == ("no", "yes"), "as they were, to be complained of"
