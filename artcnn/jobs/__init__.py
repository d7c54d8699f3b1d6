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

Nothing in here prints, parses arguments, handles signals or needs the main thread.
"""
