# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whatever is wrong with a file, a description or a machine: one clear message, an exit code that is
not 0, and no output file that looks finished."""
import os
import signal
import struct
import subprocess
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import SANITIZED, Skip, fails, files, launch, main, mount_tmpfs, run, test  # noqa: E402

TO_OUT = ["!", "npysink", "location=out.npy"]


def save_ramp(n=1000, name="in.npy"):
    np.save(name, np.arange(n, dtype=np.float32))


def npy(header, data=b"", version=(1, 0)):
    """An .npy file with this text for a header, right or not."""
    text = header.encode()
    length = struct.pack("<H" if version == (1, 0) else "<I", len(text))
    with open("in.npy", "wb") as file:
        file.write(b"\x93NUMPY" + bytes(version) + length + text + data)


@test
def a_missing_file_is_named():
    fails("npysrc", "location=gone.npy", *TO_OUT, says=["npysrc0", "gone.npy"])
    assert files() == []


@test
def a_directory_is_no_input_and_no_output():
    os.mkdir("folder")
    save_ramp()
    fails("npysrc", "location=folder", *TO_OUT, says=["npysrc0", "folder"])
    fails("npysrc", "location=in.npy", "!", "npysink", "location=folder",
          says=["npysink0", "folder"])
    assert files() == ["folder", "in.npy"]


@test
def a_truncated_file_is_told_with_its_numbers():
    save_ramp()
    size = os.path.getsize("in.npy")
    for cut in (size - 1, size - 4, 200, 128, 100, 11, 9, 5, 0):
        save_ramp()
        os.truncate("in.npy", cut)
        fails("npysrc", "location=in.npy", *TO_OUT, says=["npysrc0", "in.npy"])
    assert files() == ["in.npy"]


@test
def a_header_that_lies_is_refused():
    good = "{'descr': '<f4', 'fortran_order': False, 'shape': (10,), }"
    npy(good, bytes(40))
    run("npysrc", "location=in.npy", *TO_OUT)
    os.remove("out.npy")
    for header, data in (
            (good.replace("10", "11"), bytes(40)),
            (good.replace("10", "9"), bytes(40)),
            (good.replace("10", "18446744073709551615"), bytes(40)),
            (good.replace("10", "4611686018427387904, 4"), bytes(40)),
            (good.replace("10", "-10"), bytes(40)),
            (good.replace("(10,)", "10"), bytes(40)),
            (good.replace("<f4", "|O"), bytes(40)),
            (good.replace("<f4", "<U10"), bytes(400)),
            (good.replace("'<f4'", "[('a', '<f4')]"), bytes(40)),
            (good.replace("False", "0"), bytes(40)),
            (good.replace("'shape': (10,), ", ""), bytes(40)),
            (good + " import os", bytes(40)),
            (good[:-1], bytes(40)),
            ("", b""),
            ("{" * 60000, b"")):
        npy(header, data)
        fails("npysrc", "location=in.npy", *TO_OUT, says=["npysrc0", "in.npy"])
        assert files() == ["in.npy"], header
    npy(good, bytes(40), version=(9, 0))
    fails("npysrc", "location=in.npy", *TO_OUT, says="in.npy")


@test
def a_source_that_shrinks_while_it_is_read_is_an_error():
    save_ramp(1 << 20)
    child = half_way()
    os.truncate("in.npy", 128 + 4096)
    err = child.communicate(timeout=60)[1].decode()
    assert child.returncode == 1, err
    assert "in.npy" in err, err
    assert files() == ["in.npy"]


@test
def a_full_disk_is_told_and_leaves_nothing():
    mount_tmpfs("small", "size=4M")
    try:
        for chunk in (1000, 1000000):
            for total in ("npysink", "rawsink"):
                fails("--chunk=%d" % chunk, "testsrc", "format=x:f32[*]", "items=4M", "!", total,
                      "location=small/out", says=[total + "0", "small/out"])
                assert files("small") == []
    finally:
        subprocess.call(["umount", "small"])


@test
def a_read_only_folder_is_told_before_anything_runs():
    os.mkdir("locked")
    os.chmod("locked", 0o555)
    if os.geteuid() == 0:
        if subprocess.call(["mount", "-t", "tmpfs", "-o", "ro", "none", "locked"],
                           stderr=subprocess.DEVNULL) != 0:
            raise Skip("no right to mount a read-only folder")
    try:
        fails("testsrc", "format=x:f32[*]", "items=10", "!", "npysink", "location=locked/out.npy",
              says=["npysink0", "locked"])
    finally:
        if os.geteuid() == 0:
            subprocess.call(["umount", "locked"])


@test
def a_missing_folder_is_told_before_anything_runs():
    fails("testsrc", "format=x:f32[*]", "items=10", "!", "npysink", "location=no/such/out.npy",
          says=["npysink0", "no/such"])


@test
def two_sinks_on_one_file_are_refused():
    save_ramp()
    fails("npysrc", "location=in.npy", "!", "tee", "name=t", "t.", *TO_OUT, "t.", "!", "npysink",
          "location=./out.npy", says=["npysink0", "npysink1", "out.npy"])
    assert files() == ["in.npy"]


@test
def a_file_may_be_replaced_by_what_is_made_of_it():
    save_ramp()
    run("--chunk=10", "npysrc", "location=in.npy", "!", "upload", "!", "map", "expr=x = x + 1",
        "!", "download", "!", "npysink", "location=in.npy")
    assert (np.load("in.npy") == np.arange(1, 1001, dtype=np.float32)).all()


@test
def a_failed_run_leaves_the_old_file_alone():
    save_ramp()
    save_ramp(7, "out.npy")
    fails("--chunk=10", "npysrc", "location=in.npy", "!", "identity", "fail-at=50", *TO_OUT,
          says="identity0: chunk 50: ")
    assert np.load("out.npy").shape == (7,)
    assert files() == ["in.npy", "out.npy"]


@test
def one_failing_branch_leaves_no_file_of_the_other():
    save_ramp()
    fails("--chunk=10", "npysrc", "location=in.npy", "!", "tee", "name=t", "t.", *TO_OUT,
          "t.", "!", "identity", "fail-at=99", "!", "fakesink", says="identity0: chunk 99")
    assert files() == ["in.npy"]


@test
def a_kernel_that_does_not_compile_gives_the_compilers_words():
    with open("k.cu", "w", encoding="utf-8") as file:
        file.write('extern "C" __global__ void k (const float *x, float *y, int n)\n{\n  y[0] = z;\n}\n')
    save_ramp()
    fails("npysrc", "location=in.npy", "!", "upload", "!", "kernel", "source=k.cu",
          "outputs=y[*]", "!", "download", *TO_OUT, says=["kernel0", "k.cu:3:10", "'z'"], compiler=True)
    assert files() == ["in.npy", "k.cu"]


@test
def a_kernel_whose_arguments_do_not_fit_lists_what_there_is():
    def kernel(parameters, body="", words=()):
        with open("k.cu", "w", encoding="utf-8") as file:
            file.write('extern "C" __global__ void k (%s)\n{ %s }\n' % (parameters, body))
        return ["npysrc", "location=in.npy", "!", "upload", "!", "kernel", "source=k.cu", *words,
                "!", "download", *TO_OUT]

    save_ramp()
    fails(*kernel("const float *z, float *y, int n", words=["outputs=y[*]"]),
          says=["k.cu:1", "'z'", "x"])
    fails(*kernel("const double *x, float *y, int n", words=["outputs=y[*]"]),
          says=["k.cu:1", "f64", "f32"])
    fails(*kernel("const float *x, float *y, float w, int n", words=["outputs=y[*]"]), says="'w'")
    fails(*kernel("const float *x, float *y, int n", words=["outputs=y[*]", "args=w=1"]), says="w")
    fails(*kernel("const float *x, float *y, int n"), says=["y", "outputs"])
    fails(*kernel("const float *x, float *y, int n", words=["outputs=y[*]", "entry=kk"]),
          says=["kk", "k"])
    fails(*kernel("const float *x, float *y, int n", "asm (\"nop;\");",
                  ["outputs=y[*]"]), says=["k.cu:2", "inline assembly"])
    fails("npysrc", "location=in.npy", "!", "upload", "!", "kernel", "source=gone.cu", "!",
          "download", *TO_OUT, says="gone.cu")


@test
def an_expression_that_is_wrong_shows_where():
    save_ramp()
    for expr, says in (("y = 2 *", "map0"), ("y = q + 1", "'q'"), ("y = sinn(x)", "sin"),
                       ("2 * x", "map0"), ("y = x +* 2", "map0"), ("", "map0")):
        fails("npysrc", "location=in.npy", "!", "upload", "!", "map", "expr=" + expr, "!",
              "download", *TO_OUT, says=says)


@test
def chunks_must_be_where_an_element_takes_them():
    save_ramp()
    fails("npysrc", "location=in.npy", "!", "map", "expr=y = x", "!", "download", *TO_OUT,
          says=["npysrc0.src", "map0.sink", "upload"])
    fails("npysrc", "location=in.npy", "!", "upload", *TO_OUT, says=["npysink0.sink", "download"])


@test
def a_format_that_does_not_flow_is_told_with_the_one_that_does():
    save_ramp()
    fails("npysrc", "location=in.npy", "!", "x:f64[*]", *TO_OUT, says=["x:f64[*]", "x:f32[*]"])
    run("npysrc", "location=in.npy", "!", "x:f32[*]", *TO_OUT)


@test
def memory_that_cannot_do_is_refused_with_the_arithmetic():
    fails("--pinned-memory=100", "testsrc", "format=x:f64[100,*]", "items=1000", "!", "fakesink",
          says=["1024 B", "100 B", "pinned-memory"])
    fails("--chunk=1M", "--pinned-memory=1MiB", "testsrc", "format=x:f64[*]", "items=10M", "!",
          "fakesink", says="1 MiB")


@test
def the_plan_is_printed_and_nothing_runs():
    save_ramp()
    out = run("--plan", "npysrc", "location=in.npy", "!", "upload", "!", "map", "expr=y = x", "!",
              "download", *TO_OUT).out
    assert "npysrc0.src" in out and "map0.src" in out and "1000" in out, out
    assert files() == ["in.npy"]


def half_way():
    """A run of in.npy into out.npy that has begun, and takes seconds."""
    child = subprocess.Popen(["pinwheel-launch", "--chunk=1000", "npysrc", "location=in.npy", "!",
                              "upload", "!", "download", "!", "identity", "delay=10000", *TO_OUT],
                             stderr=subprocess.PIPE)
    assert b"device" in child.stderr.readline()  # said when the run begins
    return child


@test
def ctrl_c_ends_with_130_and_leaves_nothing():
    save_ramp(1 << 20)
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        child = half_way()
        child.send_signal(number)
        child.communicate(timeout=120)
        assert child.returncode == code, child.returncode
        assert files() == ["in.npy"]


@test
def kill_9_half_way_leaves_no_file():
    save_ramp(1 << 20)
    child = half_way()
    child.kill()
    child.wait()
    assert files() == ["in.npy"]


@test
def a_pipe_that_never_ends_can_be_left():
    child = subprocess.Popen(["pinwheel-launch", "--chunk=10", "rawsrc", "location=-",
                              "format=x:f32[*]", "!", "upload", "!", "download", "!", "fakesink"],
                             stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stderr.readline()
    child.send_signal(signal.SIGINT)
    assert child.wait(timeout=120) == 130
    child.stdin.close()


@test
def a_reader_that_goes_away_is_an_error():
    child = subprocess.Popen("pinwheel-launch -q --chunk=1000 testsrc format='x:f32[*]' items=10M "
                             "! rawsink location=- | head -c 100 > /dev/null; "
                             "exit ${PIPESTATUS[0]}", shell=True, executable="/bin/bash",
                             stderr=subprocess.PIPE)
    err = child.communicate(timeout=60)[1].decode()
    assert child.returncode == 1 and "rawsink0" in err, (child.returncode, err)


@test
def closed_standard_streams_are_errors_and_nothing_hangs():
    for words, close, code in (("testsrc items=100 ! rawsink location=-", ">&-", 1),
                               ("testsrc items=1M ! rawsink location=-", ">&-", 1),
                               ("testsrc items=3 ! statsink", ">&- <&-", 1),
                               ("rawsrc format='x:u8[*]' location=- ! statsink", "<&-", 1),
                               ("testsrc items=3 ! fakesink", ">&- <&- 2>&-", 0)):
        result = subprocess.run(["bash", "-c", "pinwheel-launch %s %s" % (words, close)],
                                stderr=subprocess.PIPE, timeout=60, check=False)
        assert result.returncode == code, (words, close, result)


@test
def dev_stdout_is_written_on_and_not_replaced():
    subprocess.run(["bash", "-c", "(echo head; pinwheel-launch -q testsrc format='x:u8[*]' items=3 "
                    "! rawsink location=/dev/stdout; echo tail) > log"], timeout=60, check=True)
    with open("log", "rb") as file:
        assert file.read() == b"head\n\0\1\2tail\n"


@test
def a_short_delay_ends_every_time():
    for _ in range(60):
        run("-q", "--chunk=1", "testsrc", "items=200", "!", "identity", "delay=20", "!",
            "identity", "delay=20", "!", "fakesink", timeout=60)


@test
def a_part_of_an_item_at_the_end_is_an_error():
    with open("in.raw", "wb") as file:
        file.write(bytes(402))
    fails("rawsrc", "location=in.raw", "format=x:f32[*]", *TO_OUT, says=["rawsrc0", "in.raw"])
    with open("in.raw", "rb") as stdin:
        fails("rawsrc", "location=-", "format=x:f32[*]", *TO_OUT, says="rawsrc0", stdin=stdin)
    assert files() == ["in.raw"]


@test
def two_runs_at_once_do_not_disturb_each_other():
    save_ramp(100000)
    words = ["pinwheel-launch", "-q", "--chunk=1000", "npysrc", "location=in.npy", "!", "upload",
             "!", "map", "expr=y = x * 3", "!", "download", "!", "npysink", "location=%d.npy"]
    children = [subprocess.Popen([w.replace("%d", str(i)) for w in words]) for i in range(4)]
    assert [child.wait(timeout=60) for child in children] == [0] * 4
    for i in range(4):
        assert (np.load("%d.npy" % i) == np.arange(100000, dtype=np.float32) * 3).all()


STREAM = ["!", "upload", "!", "map", "expr=y = x + 1", "!", "download", "!", "rawsink",
          "location=/dev/null"]


@test
def peak_memory_is_the_same_for_one_and_eight_gib():
    if SANITIZED:
        raise Skip("a sanitizer has a memory of its own")
    peaks = [run("--pinned-memory=64MiB", "--device-memory=64MiB", "testsrc", "format=x:f32[*]",
                 "pattern=constant", "items=%dMi" % (gib * 256), *STREAM, timeout=300).rss_kib
             for gib in (1, 8)]
    assert max(peaks) <= 1.05 * min(peaks), peaks
    assert max(peaks) < (64 + 64 + 40) << 10, peaks


@test
def a_large_stream_fits_a_small_budget_and_is_whole():
    if SANITIZED:
        raise Skip("too slow under a sanitizer")
    out = run("--pinned-memory=64MiB", "testsrc", "format=x:u8[*]", "pattern=constant", "value=7",
              "items=4Gi", "!", "statsink", timeout=300).out
    assert "4294967296" in out, out


def with_little_memory(*words):
    """Runs pinwheel-launch where the machine says that there is memory, and has less than it says."""
    if SANITIZED:
        raise Skip("a sanitizer's shadow memory does not fit a limit of address space")
    return launch("-c", "ulimit -v 800000 && exec pinwheel-launch --device=host \"$@\"", "sh", *words,
                  tool="sh")


HUGE = ["--pinned-memory=4GiB", "testsrc", "format=x:u8[*]", "items=900000000", "pattern=ramp", "!",
        "checksumsink"]


@test
def memory_that_was_said_to_be_free_and_is_not_is_planned_again():
    whole = run("-q", "--chunk-bytes=1MiB", *HUGE)
    result = with_little_memory("--chunk-bytes=300MiB", *HUGE)
    assert result.code == 0, result
    assert result.out == whole.out, (result, whole)
    assert result.err.count("memory was planned again") == 1, result
    assert "testsrc0.src: 3 buffers of 300000000 bytes: cannot allocate 900000000 bytes" \
        in result.err, result


@test
def memory_that_is_refused_for_every_plan_is_told_with_its_numbers():
    result = with_little_memory("-q", "--chunk=900000000", *HUGE)
    assert result.code == 1, result
    assert result.err.count("error: ") == 1, result
    assert "testsrc0.src: 1 buffers of 900000000 bytes: cannot allocate" in result.err, result


main()
