"""Who gets which work, and what happens when a worker, a machine or memory fails."""

from collections import Counter

import pytest
from fake_cluster import FakeCluster

from artcnn.cluster import places, pool
from artcnn.cluster.backend import WorkerLost, WorkerOutOfMemory
from artcnn.cluster.machines import Machine, Needs, share_out
from artcnn.cluster.pool import MOST_LOSSES, Answered, Lost, Pool, Refused, Waiting
from artcnn.cluster.work import CutsFound, Failed
from artcnn.errors import ArtcnnError, OutOfMemoryError, PictureError

GB = 1_000_000_000
DONE = CutsFound((), "float32")

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be waited for: machines are looked for in each round, and lost ones rest for no time."""
    monkeypatch.setattr(pool, "_LOOK_EVERY", 0.0)
    monkeypatch.setattr(pool, "_ALONE", 0.0)
    monkeypatch.setattr(places, "_REST", 0.0)


class Works:
    """Works that are only numbers; an answer may add more."""

    def __init__(self, count: int) -> None:
        self.waiting = [*range(count)]

    def take(self):
        return self.waiting.pop(0) if self.waiting else None

    def left(self) -> int:
        return len(self.waiting)


def run(cluster: FakeCluster, works: Works, **options) -> list:
    return [*Pool(cluster, works, GB, **options).run()]


def answers(events: list) -> dict[int, object]:
    found = [(event.work, event.answer) for event in events if isinstance(event, Answered)]
    assert len(found) == len(dict(found)), "a work was answered twice"
    return dict(found)


def test_every_work_is_done_once_and_everything_is_ended():
    cluster = FakeCluster([Machine("a", "1", 2, 4 * GB), Machine("b", "2", 1, 4 * GB)])
    events = run(cluster, Works(40))
    assert answers(events) == dict.fromkeys(range(40), DONE)
    assert Counter(work for work, _, _ in cluster.begun) == Counter(range(40))
    assert {name for _, name, _ in cluster.begun} == {"a", "b"}
    assert len(cluster.runners) == 3
    assert all(process.stopped for process in [*cluster.runners, *cluster.hosts])


def test_work_that_comes_of_an_answer_is_done_too():
    works = Works(1)
    cluster = FakeCluster([Machine("a", "1", 1, 4 * GB)])
    done = []
    for event in Pool(cluster, works, GB).run():
        done.append(event.work)
        if event.work == 0:
            works.waiting += [7, 8]
    assert done == [0, 7, 8]


def test_the_work_of_a_machine_that_is_gone_goes_elsewhere():
    a, b = Machine("a", "1", 1, 4 * GB), Machine("b", "2", 1, 4 * GB)
    cluster = FakeCluster([a, b])

    def outcome(work, runner):
        if runner.machine is a and len(cluster.begun) > 10:
            cluster.there.remove(a)
            raise WorkerLost
        return DONE

    cluster.outcome = outcome
    events = run(cluster, Works(20))
    assert answers(events) == dict.fromkeys(range(20), DONE)
    assert [event for event in events if isinstance(event, Lost)] == [Lost(a, whole=True)]


def test_a_machine_that_comes_later_gets_work():
    a, b = Machine("a", "1", 1, 4 * GB), Machine("b", "2", 1, 4 * GB)
    cluster = FakeCluster([a])

    def outcome(work, runner):
        if len(cluster.begun) == 5:
            cluster.there.append(b)
        return DONE

    cluster.outcome = outcome
    run(cluster, Works(30))
    assert {name for _, name, _ in cluster.begun} == {"a", "b"}


def test_a_process_that_ends_is_replaced_and_a_work_that_ends_all_of_them_is_given_up():
    cluster = FakeCluster([Machine("a", "1", 2, 4 * GB)])

    def outcome(work, runner):
        if work == 3:
            raise WorkerLost
        return DONE

    cluster.outcome = outcome
    events = run(cluster, Works(10))
    found = answers(events)
    assert [work for work, answer in found.items() if answer != DONE] == [3]
    assert isinstance(found[3], Failed)
    assert "ended 5 times" in str(found[3].error)
    assert [work for work, _, _ in cluster.begun].count(3) == MOST_LOSSES + 1


@pytest.mark.parametrize("from_cluster", [True, False])
def test_what_runs_out_of_memory_gets_twice_as_much_at_most_twice(from_cluster):
    cluster = FakeCluster([Machine("a", "1", 8, 8 * GB)])
    enough = {2: 2 * GB, 4: 4 * GB, 6: 16 * GB}

    def outcome(work, runner):
        if runner.needs.memory < enough.get(work, GB):
            if from_cluster:
                raise WorkerOutOfMemory
            return Failed(OutOfMemoryError("too small"))
        return DONE

    cluster.outcome = outcome
    found = answers(run(cluster, Works(20)))
    assert [work for work, answer in found.items() if answer != DONE] == [6]
    assert isinstance(found[6].error, OutOfMemoryError)
    asked = {work: [memory // GB for number, _, memory in cluster.begun if number == work] for work in (1, 2, 4, 6)}
    assert (asked[1], asked[2]) == ([1], [1, 2])
    for work in (4, 6):  # the second time it may get the worker of another, with four times as much
        assert asked[work] in ([1, 2, 4], [1, 4], [1, 4, 4])


def test_no_machine_is_ever_asked_for_more_than_it_has():
    machine = Machine("a", "1", 4, 5 * GB)
    cluster = FakeCluster([machine])

    def outcome(work, runner):
        alive = [runner.needs for runner in cluster.runners if not runner.stopped]
        assert sum(needs.memory for needs in alive) <= machine.memory
        assert sum(needs.cpus for needs in alive) <= machine.cpus
        return Failed(OutOfMemoryError("too small")) if work % 5 == 0 and runner.needs.memory < 4 * GB else DONE

    cluster.outcome = outcome
    assert answers(run(cluster, Works(30))) == dict.fromkeys(range(30), DONE)


def test_more_memory_than_any_machine_has_is_given_up():
    cluster = FakeCluster([Machine("a", "1", 2, 3 * GB)])
    cluster.outcome = lambda work, runner: Failed(OutOfMemoryError("too small")) if work == 1 else DONE
    found = answers(run(cluster, Works(4)))
    assert "2 times the memory" in str(found[1].error)
    assert [memory // GB for work, _, memory in cluster.begun if work == 1] == [1, 2]


def test_a_limit_of_the_user_is_never_exceeded():
    cluster = FakeCluster([Machine("a", "1", 2, 8 * GB)])
    cluster.outcome = lambda work, runner: Failed(OutOfMemoryError("too small"))
    found = answers(run(cluster, Works(2), may_grow=False))
    assert {str(answer.error) for answer in found.values()} == {"too small"}
    assert {memory for _, _, memory in cluster.begun} == {GB}


def test_a_broken_picture_is_not_tried_again():
    cluster = FakeCluster([Machine("a", "1", 1, 4 * GB)])
    cluster.outcome = lambda work, runner: Failed(PictureError("broken")) if work == 1 else DONE
    assert str(answers(run(cluster, Works(3)))[1].error) == "broken"
    assert [work for work, _, _ in cluster.begun] == [0, 1, 2]


def test_a_machine_that_refuses_takes_no_part():
    a, b = Machine("a", "1", 1, 4 * GB), Machine("b", "2", 1, 4 * GB)
    cluster = FakeCluster([a, b], {"a": "it has artcnn 0.1"})
    events = run(cluster, Works(5))
    assert answers(events) == dict.fromkeys(range(5), DONE)
    assert [(event.machine, str(event.error)) for event in events if isinstance(event, Refused)] == [
        (a, "it has artcnn 0.1")
    ]
    assert {name for _, name, _ in cluster.begun} == {"b"}
    assert len(cluster.hosts) == 2


def test_where_all_refuse_or_none_is_left_the_run_ends_with_a_reason():
    cluster = FakeCluster([Machine("a", "1", 1, 4 * GB)], {"a": "no"})
    with pytest.raises(ArtcnnError, match="no machine of the cluster can take part"):
        run(cluster, Works(1))
    with pytest.raises(ArtcnnError, match="the cluster has no machine any more"):
        run(FakeCluster([]), Works(1))


def test_where_others_have_the_cluster_that_is_told_once(monkeypatch):
    monkeypatch.setattr(pool, "_PATIENCE", 0.0)

    class Busy(FakeCluster):
        rounds = 0

        def wait(self, callers, seconds):
            self.rounds += 1
            ready = super().wait(callers, seconds)
            return ready if self.rounds > 6 else [caller for caller in ready if caller in self.hosts]

    events = run(Busy([Machine("a", "1", 1, 4 * GB)]), Works(2))
    assert [type(event) for event in events] == [Waiting, Answered, Answered]


def test_a_run_that_is_cancelled_ends_all_processes_at_once():
    cluster = FakeCluster([Machine("a", "1", 2, 4 * GB)])
    works = Works(10)
    events = [*Pool(cluster, works, GB).run(lambda: len(cluster.begun) >= 4)]
    assert len(events) < 10
    assert all(process.stopped for process in [*cluster.runners, *cluster.hosts])


@pytest.mark.parametrize(
    ("machine", "works", "gpu", "needs", "count"),
    [
        (Machine("a", "", 8, 64 * GB), 100, None, Needs(1, 2 * GB, 0, 2 * GB), 8),
        (Machine("a", "", 8, 9 * GB), 100, None, Needs(2, 2 * GB, 0, 2 * GB), 4),
        (Machine("a", "", 8, 64 * GB), 3, None, Needs(2, 2 * GB, 0, 2 * GB), 3),
        (Machine("a", "", 8, GB), 100, None, Needs(8, GB, 0, GB), 1),
        (Machine("a", "", 8, 64 * GB, 1), 100, 24 * GB, Needs(1, 4 << 30, 1 / 8, 3 * GB), 8),
        (Machine("a", "", 8, 64 * GB, 2), 100, 3 * GB, Needs(4, 4 << 30, 1.0, 3 * GB), 2),
    ],
)
def test_workers_share_a_machine(machine, works, gpu, needs, count):
    assert share_out(machine, 2 * GB, works, gpu) == (needs, count)
