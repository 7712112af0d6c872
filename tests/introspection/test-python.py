# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pinwheel from Python: where arrays lie, who keeps them, how runs end."""
import gc
import os
import signal
import sys
import threading
import weakref

TOP = os.environ["top_srcdir"]
sys.path.insert(0, os.path.join(TOP, "tests", "pipelines"))
from tap import main, test  # noqa: E402

try:
    import gi
    import gi.overrides
    import numpy

    gi.overrides.__path__.insert(0, os.path.join(TOP, "include", "bindings"))
    gi.require_version("Pinwheel", "1.0")
    from gi.repository import GLib, Pinwheel
except (ImportError, ValueError) as error:
    print("1..0 # SKIP 10 tests: %s" % error)
    sys.exit(0)

COPY = "appsrc name=in format=x:f32[*] ! upload ! map expr=\"y = 2*x\" ! download ! appsink name=out"
THROUGH = "appsrc name=in format=x:f32[*] ! appsink name=out"


def address(array):
    return array.__array_interface__["data"][0]


@test
def numpy_arrays_go_through_a_kernel_in_place_on_the_host():
    x = numpy.arange(100000, dtype="f4")
    y = numpy.zeros_like(x)
    with Pinwheel.parse(COPY) as pipeline:
        pipeline.set_property("device", "host")
        pipeline["in"].set_array("x", x)
        pipeline["out"].set_array("y", y)
        device = Pinwheel.Device.open("host")
        before = device.get_counters().stagings
        pipeline.run()
        assert device.get_counters().stagings == before
    assert numpy.array_equal(y, 2 * x)


@test
def chunks_are_views_of_the_array_that_went_in():
    x = numpy.arange(100000, dtype="f4")
    starts = []
    with Pinwheel.parse(THROUGH) as pipeline:
        pipeline.set_property("device", "host")
        pipeline.set_property("chunk", 30000)
        pipeline["in"].set_array("x", x)
        pipeline.start()
        for chunk in pipeline["out"]:
            view = chunk["x"]
            assert address(view) == address(x) + 4 * chunk.get_start()
            assert not view.flags.writeable and len(view) == len(chunk)
            starts.append(chunk.get_start())
        pipeline.wait()
    assert starts == [0, 30000, 60000, 90000], starts


@test
def views_keep_their_chunk():
    x = numpy.arange(1000, dtype="f4")
    with Pinwheel.parse(THROUGH) as pipeline:
        pipeline.set_property("device", "host")
        pipeline["in"].push(x)
        pipeline["in"].end()
        pipeline.start()
        view = next(iter(pipeline["out"]))["x"]
    keeper = weakref.ref(x)
    expected = x.copy()
    del x, pipeline
    gc.collect()
    assert keeper() is not None and numpy.array_equal(view, expected)
    del view
    gc.collect()
    assert keeper() is None


@test
def an_array_is_kept_while_it_is_used_and_no_longer():
    x = numpy.arange(10, dtype="f8")
    keeper = weakref.ref(x)
    array = Pinwheel.AppArray.from_numpy(x)
    at = address(x)
    del x
    gc.collect()
    assert keeper() is not None
    y = array.to_numpy()
    assert address(y) == at and y.flags.writeable and y.shape == (10,)
    del array
    gc.collect()
    assert keeper() is not None
    del y
    gc.collect()
    assert keeper() is None


@test
def strided_arrays_keep_their_strides():
    x = numpy.arange(24, dtype="i4").reshape(4, 6)[:, ::2]
    y = Pinwheel.AppArray.from_numpy(x).to_numpy()
    assert address(y) == address(x) and y.strides == x.strides and numpy.array_equal(x, y)


@test
def pinned_memory_is_a_numpy_array():
    device = Pinwheel.Device.open("host")
    x = Pinwheel.AppArray.new_pinned(device, Pinwheel.DType.F32, [3, 5]).to_numpy()
    x[:] = 7
    assert x.shape == (3, 5) and x.sum() == 105


@test
def arrays_that_cannot_be_taken_are_refused_in_words():
    for array, error, words in (
            (numpy.zeros(3, "M8[s]"), TypeError, "no dtype"),
            (numpy.zeros(3, ">f4"), TypeError, "this machine's order"),
            (numpy.broadcast_to(numpy.float32(1), 3), ValueError, "read-only"),
            (numpy.zeros(3, "f4")[::-1], ValueError, "negative")):
        try:
            Pinwheel.AppArray.from_numpy(array)
        except error as raised:
            assert words in str(raised), raised
        else:
            raise AssertionError("taken: %r" % array)


@test
def errors_are_exceptions_with_the_whole_message():
    try:
        Pinwheel.parse("tesstsrc ! fakesink")
    except GLib.Error as error:
        assert error.matches(Pinwheel.error_quark(), Pinwheel.Error.PARSE), error
        assert "testsrc" in error.message, error.message
    else:
        raise AssertionError("parsed")
    try:
        Pinwheel.parse("fakesink name=a")["b"]
    except KeyError as error:
        assert "there are: a" in str(error)
    else:
        raise AssertionError("found")


@test
def a_failing_run_says_why_where_the_loop_ends():
    try:
        with Pinwheel.parse(THROUGH) as pipeline:
            pipeline["in"].set_array("x", numpy.zeros(10, "f8"))
            pipeline.start()
            for _ in pipeline["out"]:
                pass
    except GLib.Error as error:
        assert error.matches(Pinwheel.error_quark(), Pinwheel.Error.FORMAT), error
        assert "f32" in error.message
    else:
        raise AssertionError("ran")


@test
def ctrl_c_ends_a_run_a_wait_for_chunks_and_a_push():
    def send():
        os.kill(os.getpid(), signal.SIGINT)

    def runs(pipeline):
        pipeline.run()

    def pulls(pipeline):
        pipeline.start()
        for _ in pipeline["out"]:
            pass

    def pushes(pipeline):
        while True:
            pipeline["in"].push(numpy.zeros(10, "f4"))

    for waits in (runs, pulls, pushes):
        before = threading.active_count()
        timer = threading.Timer(0.2, send)
        try:
            with Pinwheel.parse(THROUGH) as pipeline:
                timer.start()
                waits(pipeline)
        except KeyboardInterrupt:
            pass
        else:
            raise AssertionError("went on")
        timer.join()
        assert pipeline.get_state() == Pinwheel.State.NULL
        assert threading.active_count() == before


main()
