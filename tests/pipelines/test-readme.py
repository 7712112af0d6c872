# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every command in a ```console block of README.md is run, in order, in one empty folder, and what it
prints must be what the page says. Code in a page is part of an example that is tested."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pages import API, EXAMPLES, README, blocks, commands, excerpt_of, is_shown  # noqa: E402
from tap import main, test  # noqa: E402


@test
def every_command_of_the_readme_prints_what_the_readme_says():
    environment = dict(os.environ, PINWHEEL_DEVICE="host")
    ran = 0
    # the page's reader stands in the source tree
    os.mkdir("tests")
    os.symlink(os.path.abspath(EXAMPLES), "tests/examples")
    for command, shown in commands(README):
        result = subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, env=environment, timeout=300, check=False)
        got = result.stdout.decode()
        assert is_shown(got, shown), \
            "%s\n--- the page says\n%s\n--- it prints\n%s" % (command, "\n".join(shown), got)
        ran += 1
    assert ran >= 10, ran


@test
def all_code_in_the_pages_is_part_of_an_example():
    found = 0
    for page in [README] + API:
        for block in blocks(page, "c", "python", "vala", "make"):
            assert excerpt_of(block), "%s: in no example:\n%s" % (page, block)
            found += 1
    assert found >= 10, found


main()
