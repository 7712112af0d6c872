# SPDX-License-Identifier: LGPL-2.1-or-later
"""TAP, and running pinwheel-launch, for the tests written in Python."""
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

SANITIZED = bool(os.environ.get("PINWHEEL_SANITIZE"))
# what a test runs on that does not say: its results are the same everywhere
DEVICE = os.environ.get("PINWHEEL_TEST_DEVICE", "host")
_tests = []


def test(function):
    """Marks a test; its name, read aloud, is the fact that it shows."""
    _tests.append(function)
    return function


class Skip(Exception):
    pass


def only_on_host():
    """For tests whose figures are those of a device that shares the host's memory"""
    if DEVICE != "host":
        raise Skip("this is about the host device")


def _is_there():
    return not DEVICE.startswith("cuda") or subprocess.call(
        ["pinwheel-inspect", "--devices", DEVICE], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL) == 0


def _too_long(_number, _frame):
    raise AssertionError("this test hangs")


def main():
    signal.signal(signal.SIGALRM, _too_long)
    # a shell ignores Ctrl-C for what it runs in the background, and children would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print("1..%d" % len(_tests), flush=True)
    failed = 0
    there = _is_there()
    for number, function in enumerate(_tests, 1):
        name = function.__name__.replace("_", " ")
        folder = tempfile.mkdtemp(prefix="pinwheel-test-")
        here = os.getcwd()
        try:
            os.chdir(folder)
            signal.alarm(300)
            if not there:
                raise Skip("no device " + DEVICE)
            function()
            print("ok %d - %s" % (number, name), flush=True)
        except Skip as reason:
            print("ok %d - %s # SKIP %s" % (number, name, reason), flush=True)
        except Exception:
            failed += 1
            for line in traceback.format_exc().splitlines():
                print("# " + line)
            print("not ok %d - %s" % (number, name), flush=True)
        finally:
            signal.alarm(0)
            os.chdir(here)
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failed else 0)


class Result:
    def __init__(self, code, out, err, rss_kib, seconds):
        self.code, self.out, self.err = code, out, err
        self.rss_kib, self.seconds = rss_kib, seconds

    def __repr__(self):
        return "exit %d\n--- out\n%s\n--- err\n%s" % (self.code, self.out, self.err)


def launch(*words, stdin=None, timeout=120, env=None, tool="pinwheel-launch", device=DEVICE):
    """Runs pinwheel-launch; returns a Result. Peak memory is the child's own."""
    command = [tool]
    if tool == "pinwheel-launch" and device:
        command.append("--device=" + device)
    command += words
    begin = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(
            command, stdin=stdin or subprocess.DEVNULL, stdout=out, stderr=err,
            env=dict(os.environ, **(env or {})))
        deadline = begin + timeout
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                child.send_signal(signal.SIGABRT)
                os.wait4(child.pid, 0)
                err.seek(0)
                raise AssertionError("hangs: %s\n%s" % (" ".join(command), err.read().decode()))
            time.sleep(0.002)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Result(child.returncode, out.read().decode(errors="replace"),
                      err.read().decode(errors="replace"), usage.ru_maxrss,
                      time.monotonic() - begin)


def run(*words, **options):
    """Runs pinwheel-launch, which must succeed."""
    result = launch(*words, **options)
    assert result.code == 0, result
    return result


def fails(*words, says=(), code=1, compiler=False, **options):
    """Runs pinwheel-launch, which must fail with one message that says all of `says`; where the
    message carries a compiler's own words, those may say "error: " too."""
    result = launch("-q", *words, **options)
    assert result.code == code, result
    for part in [says] if isinstance(says, str) else says:
        assert part in result.err, "%r is not said:\n%r" % (part, result)
    assert compiler or result.err.count("error: ") == 1, result
    assert result.err.count("pinwheel-launch: error: ") == 1, result
    return result


def mount_tmpfs(folder, options):
    """Whoever calls it unmounts the folder."""
    os.mkdir(folder)
    if subprocess.call(["mount", "-t", "tmpfs", "-o", options, "none", folder],
                       stderr=subprocess.DEVNULL) != 0:
        raise Skip("no right to mount a tmpfs")


def files(folder="."):
    """Names in the folder, hidden ones too."""
    return sorted(os.listdir(folder))
