# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kernels without a pipeline: the program `runner` in a process, and what its arrays must be."""
import os
import subprocess
import tempfile
import threading

import numpy as np

FOLDER = os.path.dirname(os.path.abspath(__file__))
RUNNER = os.path.join(os.path.abspath(os.environ.get("top_builddir", ".")), "tests", "conformance",
                      "runner")
LIMIT = 240  # seconds for one kernel, less than a test has


class Refused(Exception):
    """The kernel does not run in the form that was asked for."""


class Runner:
    """A process that runs kernels on a device; its arrays lie in a folder of its own."""

    def __init__(self, compiler, device="host", env=None):
        self.compiler = compiler
        self.folder = tempfile.TemporaryDirectory(prefix="pinwheel-test-")
        # the leak sanitizer of gcc 12 crashes over the thread-local memory of so many libraries
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        self.child = subprocess.Popen(
            [RUNNER, device], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self.folder.name,
            env=dict(os.environ, PINWHEEL_CXX=compiler, ASAN_OPTIONS=sanitizer, **(env or {})),
            text=True)

    def close(self):
        """Returns: the exit status."""
        self.child.stdin.close()
        code = self.child.wait()
        self.child.stdout.close()
        self.folder.cleanup()
        return code

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def launch(self, form, source, entry, grid, block, shared, args):
        """Returns: how it ran, and the arrays afterwards, by their index."""
        words = [form, source, entry]
        words += [",".join(map(str, tuple(v) + (1,) * (3 - len(v)))) for v in (block, grid)]
        words.append(str(shared))
        for i, value in enumerate(args):
            if isinstance(value, np.ndarray):
                value.tofile(self.path("a%d" % i))
                words.append("@a%d" % i)
            else:
                words.append("=" + value.tobytes().hex())
        answer = self._ask(" ".join(words))
        if answer.startswith("refused "):
            raise Refused(answer[len("refused "):])
        assert answer.startswith("ok "), "%s %s %s as %s: %s" % (
            self.compiler, entry, tuple(block), form, answer)
        arrays = {i: np.fromfile(self.path("a%d" % i), value.dtype).reshape(value.shape)
                  for i, value in enumerate(args) if isinstance(value, np.ndarray)}
        return answer[3:], arrays

    def _ask(self, line):
        watch = threading.Timer(LIMIT, self.child.kill)
        watch.start()
        try:
            self.child.stdin.write(line + "\n")
            self.child.stdin.flush()
            answer = self.child.stdout.readline().strip()
        finally:
            watch.cancel()
        return answer or "the runner ended with status %d" % self.child.wait()

    def run(self, form, case, block, launch):
        """One launch of a case; returns the same."""
        return self.launch(form, os.path.join(FOLDER, case.file), case.name, launch.grid, block,
                           launch.shared, launch.args)


def check(launch, arrays, how):
    for i, want in launch.want.items():
        if callable(want):
            assert want(arrays[i]), "%s: argument %d is wrong: %s" % (how, i, arrays[i])
        else:
            compare(arrays[i], want, arrays[i] == want, "%s: argument %d" % (how, i))


def compare(array, want, same, how):
    wrong = np.flatnonzero(~same.ravel())
    assert not len(wrong), "%s: %d of %d differ, from [%d] on: %s, expected %s" % (
        how, len(wrong), want.size, wrong[0], array.ravel()[wrong[:4]], want.ravel()[wrong[:4]])


def same_bits(launch, arrays, expected, how):
    """Of what does not depend on who comes first."""
    for i, want in launch.want.items():
        if not callable(want):
            array, other = (a[i].view("u%d" % a[i].itemsize) for a in (arrays, expected))
            compare(arrays[i], expected[i], array == other, "%s: argument %d" % (how, i))
