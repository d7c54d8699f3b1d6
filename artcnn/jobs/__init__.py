"""Jobs: everything that makes a picture, trains or tests a network as the command line does, without a terminal.

A ``Job`` says what is to be made: a recipe and its inputs. A ``Runtime`` holds what jobs share on one machine, the
device and the loaded networks, and prepares a job: it opens the inputs and checks all that can be checked. ``run``
makes it and yields events; the last holds a ``Result``, which is shown or saved. A terminal, a web page, a notebook and
a worker in a cluster are consumers of the same events::

    runtime = Runtime()
    prepared = runtime.prepare(Job(DreamRecipe(), DreamInputs(Path("photo.jpg"))))
    for event in run(prepared, cancelled=button.is_pressed):
        if isinstance(event, Progress):
            show(event.step)
        elif isinstance(event, Finished) and event.result is not None:
            event.result.save("dream.png")

Networks are trained the same way: ``train`` (``jobs.training``), ``evaluate_model`` (``jobs.evaluation``) and
``run_comparison`` (``jobs.comparison``) take recipes and a source of examples (``jobs.tasks.sources``), ask
``cancelled`` between steps, and yield events, the last with the result::

    for event in train(MnistRecipe(), MnistSource(), checkpoint=Path("digits.checkpoint.safetensors")):
        if isinstance(event, Epoch):
            show(event.validation["accuracy"])
        elif isinstance(event, TrainingFinished) and event.result is not None:
            event.result.save(Path("digits.safetensors"))

Nothing in here prints, parses arguments, handles signals or needs the main thread.

Whoever builds on it, a server or a cluster, finds here:

- ``Job.to_json`` and ``Job.from_json``: a job's way to where it is made. ``Job.fingerprint`` is its name there: the
  same work has the same name on every machine, so that a result which exists is not made again
  (``jobs.batch.is_done``), and a job that is made twice has one result.
- ``PreparedJob.estimate``: seconds and bytes, to place a job before it runs. ``Runtime(max_memory=)`` limits one job.
- ``CheckpointStore``: three methods, and one for a video's frames. Whatever keeps checkpoints on another disk or
  machine has these; a run that finds one continues it and ends with the same bits, where the precision is the same. A
  recipe of precision ``"auto"`` may be decided otherwise elsewhere: ``prepare(job, precision=)`` decides for all.
- ``jobs.film.find_cuts`` and ``PreparedJob.of_shot``: the shots of a film, each of which is made by itself.
  ``PieceStore`` (``jobs.pieces``) keeps them, and ``join_film`` (``files.films.join``) makes one film of them.
- ``cancelled``: a function, asked between steps; a button, a lost connection or a deadline answers True.
- ``ENGINES`` and ``INPUTS``: what there is to be made; a new engine is an entry in each.
"""
