# SPDX-License-Identifier: LGPL-2.1-or-later
"""pinwheel-launch on a terminal, and what signals do to it."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import Skip, files, main, test  # noqa: E402

LONG = ["testsrc", "items=100000", "!", "identity", "delay=10000", "!", "npysink",
        "location=out.npy"]


class Launch:
    """A run whose standard error is a terminal, or a pipe."""

    def __init__(self, *words, columns=80, terminal=True, env=None):
        if terminal:
            self.fd, child = pty.openpty()
            fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        else:
            self.fd, child = os.pipe()
        self.seen = ""
        self.process = subprocess.Popen(
            ["pinwheel-launch", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=child, env={**os.environ, "TERM": "xterm", **(env or {})})
        os.close(child)

    def read(self, until=None, seconds=60):
        """Reads until a pattern is seen, or the end."""
        deadline = time.monotonic() + seconds
        while until is None or not re.search(until, self.seen):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                self.process.kill()
                raise AssertionError("never seen: %s in %r" % (until, self.seen))
            try:
                block = os.read(self.fd, 4096)
            except OSError:  # the other side of a terminal is closed
                block = b""
            if not block:
                assert until is None, "never seen: %s in %r" % (until, self.seen)
                break
            self.seen += block.decode()
        return self.seen

    def end(self):
        self.read()
        self.out = self.process.stdout.read().decode()
        self.process.stdout.close()
        os.close(self.fd)
        return self.process.wait()


def screen(text):
    """The lines that a terminal shows in the end."""
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        lines.append(line.split("\r\033[K")[-1])
    return lines


@test
def the_progress_line_shows_items_speed_time_left_and_the_slowest_element():
    run = Launch("--chunk=100", "testsrc", "items=20000", "!", "identity", "delay=5000", "!",
                 "checksumsink")
    run.read(r" *\d+ %  \d+ of 20000 items, \S+ \S+/s, .* left, held up by identity0")
    assert run.end() == 0, run.seen


@test
def the_progress_line_is_gone_in_the_end():
    run = Launch("--chunk=100", "testsrc", "items=10000", "!", "identity", "delay=5000", "!",
                 "checksumsink")
    run.read(" % ")
    assert run.end() == 0
    lines = screen(run.seen)
    assert len(lines) == 2 and lines[0].startswith("10000 items, ") and lines[1] == "", lines
    assert run.out.startswith("checksumsink0: "), run.out


@test
def the_progress_line_fits_the_terminal():
    run = Launch("--chunk=100", "testsrc", "items=10000", "!", "identity", "delay=5000", "!",
                 "fakesink", columns=30)
    assert run.end() == 0
    drawn = re.findall("\r\033\\[K([^\r\n]*)", run.seen)
    assert max(map(len, drawn[:-1])) == 29, drawn


@test
def there_is_no_progress_line_where_nobody_sees_it():
    slow = ["--chunk=100", "testsrc", "items=6000", "!", "identity", "delay=10000", "!", "fakesink"]
    for run in [Launch("-q", *slow), Launch("--progress-interval=0", *slow), Launch(*slow, terminal=False),
                Launch(*slow, env={"TERM": "dumb"})]:
        assert run.end() == 0
        assert "\033" not in run.seen and " % " not in run.seen, run.seen


def interrupt(number):
    run = Launch("--chunk=10", *LONG)
    run.read(" % ")
    run.process.send_signal(number)
    code = run.end()
    assert screen(run.seen)[-2] == "pinwheel-launch: interrupted", run.seen
    assert files() == [], files()
    return code


@test
def a_signal_stops_the_run_cleanly():
    assert interrupt(signal.SIGINT) == 130
    assert interrupt(signal.SIGTERM) == 143
    assert interrupt(signal.SIGHUP) == 129


@test
def a_signal_at_the_very_start_stops_the_run_too():
    for wait in [0.0, 0.005, 0.01, 0.02, 0.04, 0.08]:
        run = Launch("--chunk=10", *LONG, terminal=False)
        time.sleep(wait)
        run.process.send_signal(signal.SIGINT)
        code = run.end()
        # before the tool listens, the signal ends it as any process
        assert code in (130, -signal.SIGINT), (wait, code, run.seen)
        assert files() == [], files()


@test
def a_signal_ends_the_wait_for_a_pipe():
    os.mkfifo("never.raw")
    writer = os.open("never.raw", os.O_RDWR)
    run = Launch("rawsrc", "location=never.raw", "format=x:f32[*]", "!", "fakesink")
    run.read("items, ")
    run.process.send_signal(signal.SIGINT)
    assert run.end() == 130, run.seen
    os.close(writer)


@test
def a_second_signal_ends_the_process_at_once():
    if "thread" in os.environ.get("PINWHEEL_SANITIZE", ""):
        raise Skip("the thread sanitizer's _exit() waits for who writes on standard output")
    # a main thread that nothing can wake: it writes to a pipe that nobody reads
    arrays = " ".join("a%d:u8[*]" % i for i in range(200))
    reader, writer = os.pipe()
    fcntl.fcntl(writer, 1031, 4096)  # F_SETPIPE_SZ
    process = subprocess.Popen(
        ["pinwheel-launch", "-q", "testsrc", "items=1", "format=" + arrays, "!", "checksumsink"],
        stdout=writer)
    os.close(writer)
    deadline = time.monotonic() + 60
    while struct.unpack("i", fcntl.ioctl(reader, termios.FIONREAD, b"1234"))[0] < 3900:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130
    os.close(reader)


def processor_time(pid):
    """Seconds"""
    with open("/proc/%d/stat" % pid, encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) / os.sysconf("SC_CLK_TCK")


@test
def a_kernel_that_never_ends_is_left_by_a_second_signal():
    with open("k.cu", "w", encoding="utf-8") as file:
        file.write("""
extern "C" __global__ void k (float *x, int n)
{
  volatile int more = 1;
  while (more)
    ;
}
""")
    run = Launch("testsrc", "items=10", "!", "upload", "!", "kernel", "source=k.cu", "!", "download",
                 "!", "npysink", "location=out.npy", terminal=False)
    run.read("device")
    doing = ""
    while "waits for work of the device" not in doing:
        run.seen = ""
        run.process.send_signal(signal.SIGUSR1)  # what does everybody do?
        doing = run.read("npysink0.*\n")
    # work that has not begun would end with the run: this has, and takes a processor's time
    begun = processor_time(run.process.pid)
    while processor_time(run.process.pid) < begun + 0.1:
        time.sleep(0.01)
    run.process.send_signal(signal.SIGINT)
    run.read("once more ends it at once")
    run.process.send_signal(signal.SIGINT)
    assert run.end() == 130, run.seen
    assert files() == ["k.cu"], files()


@test
def sigusr1_tells_what_each_element_does_and_the_run_goes_on():
    run = Launch("--chunk=100", "--stall-timeout=200", "testsrc", "items=800", "!", "upload", "!",
                 "download", "!", "identity", "delay=500000", "!", "checksumsink", terminal=False)
    run.read("device")  # it runs, and hears
    wanted = [r"^testsrc0 waits for \S.* \(since \d\.\d s\)",
              r"^identity0, at chunk \d+, works$",
              r"^checksumsink0 waits for a chunk from identity0"]
    told = everything = ""
    while not all(re.search(pattern, told, re.M) for pattern in wanted):
        run.seen = ""
        run.process.send_signal(signal.SIGUSR1)
        told = run.read("checksumsink0.*\n")
        everything += told
    assert run.end() == 0, run.seen
    # an element that works is no stall, however slow it is
    assert "nothing has moved" not in everything + run.seen
    assert run.out.startswith("checksumsink0: "), run.out


@test
def the_statistics_are_a_table_whose_shares_make_a_whole():
    run = Launch("-q", "--stats", "--chunk=100", "testsrc", "items=2000", "!", "identity",
                 "delay=20000", "!", "fakesink", "name=a-sink-of-a-long-name", terminal=False)
    assert run.end() == 0, run.seen
    head, *rows = run.seen.splitlines()
    assert head.split() == ["element", "chunks", "items", "seconds", "busy%", "input%", "buffer%",
                            "output%", "speed"], run.seen
    assert {len(line) for line in rows} == {len(head)}, run.seen
    shares = {}
    for row in rows:
        name, chunks, items, seconds, *parts = row.split()
        assert (chunks, items) == ("20", "2000"), row
        # 20 chunks of 20 ms each
        assert 0.2 < float(seconds) < 60, row
        shares[name] = [float(part) for part in parts[:4]]
        assert 99 < sum(shares[name]) < 101, row
    assert list(shares) == ["testsrc0", "identity0", "a-sink-of-a-long-name"], run.seen
    assert shares["identity0"][0] > 80, run.seen
    assert shares["a-sink-of-a-long-name"][1] > 80, run.seen


@test
def signals_that_were_ignored_stay_ignored():
    process = subprocess.Popen(
        ["pinwheel-launch", "--chunk=100", "testsrc", "items=10000", "!", "upload", "!", "download",
         "!", "identity", "delay=5000", "!", "fakesink"], stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert b"device" in process.stderr.readline()  # it runs
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=60)
    assert process.returncode == 0


@test
def a_reader_that_goes_away_is_told():
    process = subprocess.Popen(["pinwheel-launch", "-q", "testsrc", "items=10", "!", "checksumsink"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    error = process.stderr.read().decode()
    assert process.wait() == 1
    assert error == "pinwheel-launch: error: standard output cannot be written: Broken pipe\n", error
    process.stderr.close()


if __name__ == "__main__":
    main()
