# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pinwheel from Python: where arrays lie, who keeps them, how runs end."""
import gc
import os
import signal
import sys
import threading
import weakref

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from overlay import Gio, GLib, Pinwheel, address, fails, numpy  # noqa: E402
from tap import main, test  # noqa: E402

COPY = "appsrc name=in format=x:f32[*] ! upload ! map expr=\"y = 2*x\" ! download ! appsink name=out"
THROUGH = "appsrc name=in format=x:f32[*] ! appsink name=out"


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
def every_dtype_goes_in_and_comes_out():
    for dtype, name in (("?", "bool"), ("i1", "i8"), ("i2", "i16"), ("i4", "i32"), ("i8", "i64"), ("u1", "u8"),
                        ("u2", "u16"), ("u4", "u32"), ("u8", "u64"), ("f2", "f16"), ("f4", "f32"),
                        ("f8", "f64"), ("c8", "c64"), ("c16", "c128")):
        x = (numpy.arange(60) % 2).reshape(20, 3).astype(dtype)
        y = numpy.empty_like(x)
        with Pinwheel.parse("appsrc name=in format=x:%s[*,3] ! appsink name=out" % name) as pipeline:
            pipeline["in"].set_array("x", x)
            pipeline["out"].set_array("x", y)
            pipeline.run()
        assert numpy.array_equal(x, y), name


@test
def arrays_that_cannot_be_taken_are_refused_in_words():
    for array, error, words in (
            (numpy.zeros(3, "M8[s]"), TypeError, "no dtype"),
            (numpy.zeros(3, object), TypeError, "no dtype of Pinwheel is NumPy's object"),
            (numpy.zeros(3, "U5"), TypeError, "expected one of bool c128 c64"),
            (numpy.zeros(3, "f4,i4"), TypeError, "no dtype"),
            (numpy.zeros(3, numpy.longdouble), TypeError, "no dtype"),
            (numpy.zeros(3, numpy.clongdouble), TypeError, "no dtype"),
            (numpy.zeros(3, ">f4"), TypeError, "not in this machine's order; copy it with array.astype"),
            (numpy.zeros(3, "f4")[::-1], ValueError, "negative"),
            ([1.0, 2.0], TypeError, "expected a NumPy array or a Pinwheel.AppArray, not list"),
            (3.0, TypeError, "not float")):
        with Pinwheel.parse(THROUGH) as pipeline:
            fails(error, words, pipeline["in"].set_array, "x", array)
            fails(error, words, pipeline["in"].push, array)
            fails(error, words, pipeline["out"].set_array, "x", array)
            fails(error, words, Pinwheel.AppArray.from_numpy, array)
    with Pinwheel.parse(THROUGH) as pipeline:
        fails(GLib.Error, "f32", pipeline["in"].set_array, "x", numpy.zeros(3, "f8"))
        fails(GLib.Error, "z", pipeline["in"].set_array, "z", numpy.zeros(3, "f4"))
        fails(GLib.Error, "f32[3,2]", pipeline["in"].set_array, "x", numpy.zeros((3, 2), "f4"))
        pipeline["in"].set_array("x", numpy.zeros(3, ">f4").astype("=f4"))


@test
def arrays_to_be_read_may_be_read_only_and_those_to_be_written_not():
    x = numpy.arange(1000, dtype="f4")
    x.flags.writeable = False
    y = numpy.zeros_like(x)
    for device in ("host", "sim"):
        with Pinwheel.parse(COPY) as pipeline:
            pipeline.set_property("device", device)
            pipeline["in"].set_array("x", x)
            fails(ValueError, "read-only", pipeline["out"].set_array, "y", x)
            fails(ValueError, "read-only", Pinwheel.AppArray.from_numpy, x)
            pipeline["out"].set_array("y", y)
            pipeline.run()
        assert numpy.array_equal(y, 2 * x) and x[1] == 1
    with Pinwheel.parse(THROUGH) as pipeline:
        pipeline["in"].push(numpy.broadcast_to(numpy.float32(1), 1))
        fails(GLib.Error, "overlap", pipeline["in"].push, numpy.broadcast_to(numpy.float32(1), 7))


@test
def arrays_may_lie_in_memory_as_they_like():
    whole = numpy.arange(4 * 6 * 50, dtype="f4")
    shapes = [whole.reshape(4, 6, 50)[:, :, 10:30],                # items are part of rows
              whole.reshape(4, 50, 6)[:, ::5].transpose(0, 2, 1),  # items are not neighbours
              numpy.asfortranarray(whole.reshape(4, 6, 50)),
              whole.reshape(50, 6, 4).T,
              whole.reshape(4, 6, 50)[::2, ::3, ::7]]
    text = ("appsrc name=in format=x:f32[%d,%d,*] ! upload ! map expr='y = 2*x' ! download ! "
            "appsink name=out")
    for x in shapes:
        for device in ("host", "sim"):
            outputs = [numpy.zeros(x.shape, "f4"), numpy.zeros(x.shape, "f4", order="F"),
                       numpy.zeros([3 * n for n in x.shape], "f4")[::3, ::3, ::3]]
            for y in outputs:
                with Pinwheel.parse(text % x.shape[:2]) as pipeline:
                    pipeline.set_property("device", device)
                    pipeline.set_property("chunk", 7)
                    pipeline["in"].set_array("x", x)
                    pipeline["out"].set_array("y", y)
                    pipeline.run()
                assert numpy.array_equal(y, 2 * x), (device, x.strides, y.strides)
                if y.base is not None:  # nothing was written between
                    assert y.base.sum() == y.sum()


@test
def arrays_without_elements_are_ordinary():
    for shape, form in (((0,), "x:f32[*]"), ((0, 3), "x:f32[*,3]"), ((2, 0, 3), "x:f32[2,*,3]")):
        x, y = numpy.zeros(shape, "f4"), numpy.zeros(shape, "f4")
        with Pinwheel.parse(COPY.replace("x:f32[*]", form)) as pipeline:
            pipeline["in"].set_array("x", x)
            pipeline["out"].set_array("y", y)
            pipeline.run()
        with Pinwheel.parse(COPY.replace("x:f32[*]", form)) as pipeline:
            pipeline["in"].set_array("x", x)
            pipeline.start()
            views = [chunk["y"] for chunk in pipeline["out"]]
            pipeline.wait()
        assert [view.shape for view in views] == [shape], (form, views)


@test
def errors_are_exceptions_with_the_whole_message():
    error = fails(GLib.Error, "testsrc", Pinwheel.parse, "tesstsrc ! fakesink")
    assert error.matches(Pinwheel.error_quark(), Pinwheel.Error.PARSE), error
    fails(KeyError, "there are: a", Pinwheel.parse("fakesink name=a").__getitem__, "b")


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


def endless(device="host"):
    pipeline = Pinwheel.parse("testsrc items=1T ! upload ! map expr='y = 2*x' ! download ! appsink name=out")
    pipeline.set_property("device", device)
    pipeline.set_property("chunk", 1000)
    return pipeline


@test
def a_loop_that_is_left_ends_the_run():
    for device in ("host", "sim"):
        before = threading.active_count()
        counters = Pinwheel.Device.open(device)
        pinned = counters.get_counters().pinned
        pipeline = endless(device)
        for way in ("break", "raise"):
            try:
                with pipeline:
                    pipeline.start()
                    for chunk in pipeline["out"]:
                        first = chunk["y"][:2].tolist()
                        del chunk
                        if way == "break":
                            break
                        raise LookupError("mine")
            except LookupError as error:
                assert way != "break" and str(error) == "mine"
            assert first == [0, 2] and pipeline.get_state() == Pinwheel.State.NULL
            gc.collect()
            assert counters.get_counters().pinned == pinned, way
        assert threading.active_count() == before


@test
def a_loop_can_be_gone_on_with():
    with endless() as pipeline:
        pipeline.start()
        sink = pipeline["out"]
        starts = [chunk.get_start() for chunk, _ in zip(sink, range(3))]
        starts += [chunk.get_start() for chunk, _ in zip(sink, range(2))]
        pipeline.stop()
        fails(GLib.Error, "", list, sink)  # those that had come, and then why no more do
        assert fails(GLib.Error, "", pipeline.wait).matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED)
    # zip() takes one more than it gives
    assert starts == [0, 1000, 2000, 4000, 5000], starts


@test
def arrays_of_chunks_outlive_their_pipeline():
    for device in ("host", "sim"):
        kept = []
        with endless(device) as pipeline:
            pipeline.start()
            for chunk in pipeline["out"]:
                kept.append(chunk["y"])
                if len(kept) == 2:  # a pool has more
                    break
        del pipeline, chunk
        gc.collect()
        for number, array in enumerate(kept):
            assert numpy.array_equal(array, 2.0 * (numpy.arange(1000) + 1000 * number)), (device, number)
        memory = Pinwheel.Device.open(device)
        held = memory.get_counters().pinned
        del kept[:], array
        gc.collect()
        assert memory.get_counters().pinned < held or device == "host"


@test
def threads_of_python_push_pull_and_stop():
    got = []
    with Pinwheel.parse(COPY) as pipeline:
        def push():
            for start in range(0, 10000, 100):
                pipeline["in"].push(numpy.arange(start, start + 100, dtype="f4"))
            pipeline["in"].end()

        def pull():
            got.extend(chunk["y"].copy() for chunk in pipeline["out"])

        pipeline.start()
        threads = [threading.Thread(target=push), threading.Thread(target=pull)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        pipeline.wait()
    assert numpy.array_equal(numpy.concatenate(got), 2 * numpy.arange(10000, dtype="f4"))

    pipeline = Pinwheel.parse("appsrc name=in format=x:f32[*] ! fakesink")
    stopper = threading.Thread(target=lambda: (pipeline["in"].push(numpy.zeros(1, "f4")), pipeline.stop()))
    pipeline.start()
    stopper.start()
    error = fails(GLib.Error, "", pipeline.wait)
    stopper.join()
    assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED), error


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
