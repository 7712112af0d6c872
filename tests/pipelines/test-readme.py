# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every command in a ```console block of README.md is run, in order, in one empty folder, and what it
prints must be what the page says. An ellipsis in the page stands for anything: times, speeds."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import main, test  # noqa: E402

README = os.path.join(os.environ["top_srcdir"], "README.md")


def commands():
    """Pairs of a command and the output that the page shows."""
    with open(README, encoding="utf-8") as file:
        text = file.read()
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.M | re.S):
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


@test
def every_command_of_the_readme_prints_what_the_readme_says():
    environment = dict(os.environ, PINWHEEL_DEVICE="host")
    ran = 0
    # the page's reader stands in the source tree
    os.mkdir("tests")
    os.symlink(os.path.join(os.path.dirname(os.path.abspath(README)), "tests", "examples"),
               "tests/examples")
    for command, shown in commands():
        result = subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, env=environment, timeout=300, check=False)
        got = result.stdout.decode().rstrip("\n")
        pattern = ".*?".join(re.escape(part) for part in "\n".join(shown).rstrip("\n").split("…"))
        assert re.fullmatch(pattern, got, re.S), \
            "%s\n--- the page says\n%s\n--- it prints\n%s" % (command, "\n".join(shown), got)
        ran += 1
    assert ran >= 10, ran


main()
