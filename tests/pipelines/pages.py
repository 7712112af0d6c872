# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the pages show: commands to be run, and code that is part of an example."""
import glob
import os
import re
import textwrap

TOP = os.environ["top_srcdir"]
README = os.path.join(TOP, "README.md")
API = sorted(glob.glob(os.path.join(TOP, "include", "bindings", "docs", "*.md")))
EXAMPLES = os.path.join(TOP, "tests", "examples")


def blocks(page, *languages):
    with open(page, encoding="utf-8") as file:
        return re.findall(r"^```(?:%s)\n(.*?)^```$" % "|".join(languages), file.read(), re.M | re.S)


def commands(page):
    """Pairs of a command in a ```console block and the output that the page shows."""
    for block in blocks(page, "console"):
        command, shown, open_lines = None, [], None
        for line in block.splitlines():
            if open_lines is not None:  # a here-document or a line that goes on
                command += "\n" + line
                if open_lines(line):
                    open_lines = None
            elif line.startswith("$ "):
                if command is not None:
                    yield command, shown
                command, shown = line[2:], []
                end = re.search(r"<<'(\w+)'", line)
                if end:
                    open_lines = lambda text, word=end.group(1): text == word
                elif line.endswith("\\"):
                    open_lines = lambda text: not text.endswith("\\")
            else:
                shown.append(line)
        if command is not None:
            yield command, shown


def is_shown(got, shown):
    """Whether a command printed what the page says; an ellipsis stands for anything: times, speeds."""
    pattern = ".*?".join(re.escape(part) for part in "\n".join(shown).rstrip("\n").split("…"))
    return re.fullmatch(pattern, got.rstrip("\n"), re.S) is not None


def excerpt_of(block):
    """The name of the example that the block is a part of, line by line, or None."""
    wanted = textwrap.dedent(block).splitlines()
    for folder, _, names in os.walk(EXAMPLES):
        for name in names:
            if not name.endswith((".c", ".py", ".vala", "Makefile")):
                continue
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                lines = file.read().splitlines()
            for i in range(len(lines) - len(wanted) + 1):
                part = "\n".join(lines[i:i + len(wanted)])
                if textwrap.dedent(part).splitlines() == wanted:
                    return name
    return None
