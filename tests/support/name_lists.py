"""Lists of names as text: a line for each thing, and below it, indented, what belongs to it."""

import textwrap

Names = dict[str, list[str]]


def write_names(head: str, names: Names) -> str:
    """Return a list as text, with a comment above it."""
    wrap = textwrap.TextWrapper(118, initial_indent="    ", subsequent_indent="    ")
    wrap.break_on_hyphens = wrap.break_long_words = False
    return head + "".join("\n".join([thing, *wrap.wrap(" ".join(inner)), ""]) for thing, inner in names.items())


def read_names(text: str) -> Names:
    """Return the list that a text has."""
    names: Names = {}
    for line in text.splitlines():
        if line.startswith(" "):
            names[[*names][-1]] += line.split()
        elif line and not line.startswith("#"):
            names[line] = []
    return names
