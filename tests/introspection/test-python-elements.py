# SPDX-License-Identifier: LGPL-2.1-or-later
"""Elements written in Python: what they are given, what becomes of their exceptions, who finds them."""
import gc
import os
import signal
import subprocess
import sys
import threading
import weakref

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from overlay import GLib, GObject, Pinwheel, TOP, address, fails, numpy  # noqa: E402
from tap import main, test  # noqa: E402

PINNED = Pinwheel.MemoryKind.PINNED


@Pinwheel.element("pyramp", "source", example="pyramp ! fakesink")
class Ramp(Pinwheel.Source):
    """Counts.

    From 0 on."""
    items = GObject.Property(type=GObject.TYPE_UINT64, default=100)
    fails_in = GObject.Property(type=str, default="")
    scale = GObject.Property(type=float, default=1)

    def __init__(self):
        super().__init__()
        self.made_at = [self.fails_in]

    def at(self, where):
        if self.fails_in == where:
            raise ValueError("wrong here")

    def do_negotiate(self):
        self.at("negotiate")
        self.get_src().set_format(Pinwheel.Format.parse("x:f32[*] k:f64[2,3] s:i32", self.items))

    def do_start(self):
        self.at("start")

    def do_next(self, most):
        self.at("next")
        return most

    def do_fill(self, chunk):
        self.at("fill")
        chunk["x"] = self.scale * (numpy.arange(len(chunk)) + chunk.get_start())

    def do_fill_broadcast(self, name, array):
        self.at("fill_broadcast")
        array[...] = numpy.arange(6).reshape(2, 3) if name == "k" else 7


@Pinwheel.element("pytimes")
class Times(Pinwheel.Transform):
    by = GObject.Property(type=int, default=2)
    fails = False

    def do_negotiate(self):
        src = self.get_src()
        src.set_format(Pinwheel.Format.parse("y:f32[*]", self.get_sink().get_format().n_items()))
        src.set_demand(PINNED, 1)

    def do_transform(self, given, made):
        if self.fails:
            raise RuntimeError("no\nmore")
        assert not given["x"].flags.writeable
        assert address(made["y"]) == made.get_data(0)
        numpy.multiply(given["x"], self.by, out=made["y"])


@Pinwheel.element("pysink")
class Sink(Pinwheel.Sink):
    fails_in = ""

    def at(self, where):
        if self.fails_in == where:
            raise ValueError("wrong here")

    def do_start(self):
        self.got, self.keys, self.ended = [], None, False

    def do_consume(self, chunk):
        self.at("consume")
        name = chunk.keys()[0]
        view = chunk[name]
        assert not view.flags.writeable and address(view) == chunk.get_data(0)
        self.keys = {key: chunk[key].copy() for key in chunk.keys()[1:]}
        self.got.append(view.copy())

    def do_finish(self):
        self.at("finish")

    def do_seal(self):
        self.at("seal")

    def do_commit(self):
        self.at("commit")
        self.ended = True

    def result(self):
        return numpy.concatenate(self.got)


def run(text, device="host", chunk=30):
    pipeline = Pinwheel.parse(text)
    pipeline.set_property("device", device)
    pipeline.set_property("chunk", chunk)
    with pipeline:
        pipeline.run()
    return pipeline


def errors(pipeline):
    """The errors on its bus."""
    found = []
    while (message := pipeline.get_bus().pop(0)) is not None:
        if message.get_kind() == Pinwheel.MessageType.ERROR:
            found.append(message.get_text())
    return found


@test
def chunks_of_numpy_go_from_python_to_python():
    for chunk in (1, 7, 30, 100, 1000):
        sink = run("pyramp name=in scale=0.5 ! pysink name=out", chunk=chunk)["out"]
        assert numpy.array_equal(sink.result(), 0.5 * numpy.arange(100, dtype="f4"))
        assert len(sink.got) == -(-100 // chunk) and sink.ended
        assert numpy.array_equal(sink.keys["k"], numpy.arange(6.).reshape(2, 3)) and sink.keys["s"] == 7


@test
def kernels_run_between_on_any_device():
    for device in ("host", "sim"):
        for text in ("pyramp ! upload ! map expr='y = 2*x' ! download ! pysink name=out",
                     "pyramp ! pytimes ! upload ! map expr='z = y' ! download ! pysink name=out",
                     "pyramp ! upload ! map expr='x = x' ! download ! pytimes ! pysink name=out"):
            result = run(text, device)["out"].result()
            assert numpy.array_equal(result, 2 * numpy.arange(100, dtype="f4")), (device, text)


@test
def a_transform_without_output_passes_chunks_on():
    seen = []

    @Pinwheel.element("pylook")
    class Look(Pinwheel.Transform):
        def do_transform(self, given, made):
            assert made is None
            seen.append(len(given))

    sink = run("pyramp ! pylook ! pysink name=out")["out"]
    assert seen == [30, 30, 30, 10] and numpy.array_equal(sink.result(), numpy.arange(100)), seen


@test
def an_aggregator_gets_one_chunk_of_each_input():
    @Pinwheel.element("pyplus")
    class Plus(Pinwheel.Aggregator):
        def do_negotiate(self):
            items = self.get_pad("sink_0").get_format().n_items()
            self.get_src().set_format(Pinwheel.Format.parse("y:f32[*]", items))
            self.get_src().set_demand(PINNED, 1)

        def do_aggregate(self, inputs, output):
            assert [pad.get_name() for pad in self.get_pads()] == ["src", "sink_0", "sink_1", "sink_2"]
            output["y"] = sum(given["x"] for given in inputs)

    sink = run("pyplus name=all ! pysink name=out pyramp ! all. pyramp scale=10 ! all. pyramp ! all.")["out"]
    assert numpy.array_equal(sink.result(), 12 * numpy.arange(100))


@test
def a_source_may_not_know_its_end_before():
    @Pinwheel.element("pysome")
    class Some(Pinwheel.Source):
        def do_negotiate(self):
            self.get_src().set_format(Pinwheel.Format.parse("x:f32[*]", (1 << 64) - 1))
            self.left = [3, 5, 1000]

        def do_next(self, most):
            return self.left.pop(0) if self.left else None

        def do_fill(self, chunk):
            chunk["x"] = len(chunk)

    sink = run("pysome ! pysink name=out")["out"]
    assert [len(part) for part in sink.got] == [3, 5, 30], sink.got


@test
def chunks_can_be_written_only_by_who_fills_them_and_only_then():
    kept = []

    @Pinwheel.element("pykeep")
    class Keep(Pinwheel.Source):
        def do_negotiate(self):
            self.get_src().set_format(Pinwheel.Format.parse("x:f32[*]", 1))

        def do_fill(self, chunk):
            kept.append(chunk)
            chunk["x"] = 5
            fails(KeyError, ["no array z", "x"], chunk.__getitem__, "z")
            fails(ValueError, "broadcast", chunk.__setitem__, "x", numpy.zeros(3))

    run("pykeep ! pysink")
    view = kept[0]["x"]
    assert view[0] == 5  # it outlives the run and the pipeline
    fails(ValueError, "read-only", kept[0].__setitem__, "x", 6)
    keeper = weakref.ref(kept[0])
    del kept[:]
    assert keeper() is not None
    del view
    assert keeper() is None


@test
def an_exception_is_the_one_error_of_the_run_with_name_and_place():
    here = os.path.basename(__file__)
    for where in ("negotiate", "start", "next", "fill", "fill_broadcast"):
        pipeline = Pinwheel.parse("pyramp name=mine fails-in=%s ! pysink" % where)
        raised = fails(GLib.Error, ["mine: ", "ValueError: wrong here (%s:" % here, ", in at)"], pipeline.run)
        assert type(raised.__cause__) is ValueError
        assert raised.matches(Pinwheel.error_quark(), Pinwheel.Error.FAILED)
        assert len(errors(pipeline)) == (where not in ("negotiate", "start")), where  # the run never began
    for where in ("consume", "finish", "seal", "commit"):
        pipeline = Pinwheel.parse("pyramp ! pysink name=mine")
        pipeline["mine"].fails_in = where
        fails(GLib.Error, ["mine: ", "ValueError: wrong here"], pipeline.run)
        assert len(errors(pipeline)) == 1, where
        assert not pipeline["mine"].ended, where


@test
def a_failed_run_holds_nothing_and_can_be_run_again():
    device = Pinwheel.Device.open("sim")
    before = device.get_counters().pinned
    threads = threading.active_count()
    pipeline = Pinwheel.parse("pyramp ! upload ! map expr='x = x' ! download ! pytimes name=t ! pysink name=out")
    pipeline.set_property("device", "sim")
    pipeline.set_property("chunk", 10)
    pipeline["t"].fails = True
    fails(GLib.Error, "t: chunk 0: RuntimeError: no; more", pipeline.run)
    assert device.get_counters().pinned == before
    assert threading.active_count() == threads
    pipeline["t"].fails = False
    pipeline.run()
    assert numpy.array_equal(pipeline["out"].result(), 2 * numpy.arange(100))


@test
def false_and_errors_of_glib_are_errors_too():
    class Bad(Pinwheel.Sink):
        def do_negotiate(self):
            raise self.answer if isinstance(self.answer, Exception) else SystemExit(3)

        def do_consume(self, chunk):
            return False

    pipeline = Pinwheel.parse("pyramp name=in")
    bad = Bad()
    bad.set_name("bad")
    pipeline.add(bad)
    pipeline["in"].get_src().link(bad.get_sink())
    bad.answer = GLib.Error.new_literal(GLib.file_error_quark(), "not there", GLib.FileError.NOENT)
    raised = fails(GLib.Error, "bad: not there", pipeline.run)
    assert raised.matches(GLib.file_error_quark(), GLib.FileError.NOENT)
    bad.answer = None
    fails(GLib.Error, "bad: SystemExit: 3", pipeline.run)
    Bad.do_negotiate = None
    del pipeline, bad

    class Silent(Pinwheel.Sink):
        def do_consume(self, chunk):
            return False

    Pinwheel.element("pysilent")(Silent)
    fails(GLib.Error, "pysilent0: chunk 0: failed without saying why", Pinwheel.parse("pyramp ! pysilent").run)


@test
def elements_are_found_by_name_and_their_properties_set_from_text():
    pipeline = Pinwheel.parse("pyramp items=1k scale=-0.25 ! pysink")
    ramp = pipeline["pyramp0"]
    assert isinstance(ramp, Ramp) and (ramp.items, ramp.scale) == (1000, -0.25)
    assert pipeline.to_string() == "pyramp items=1000 scale=-0.25 ! pysink"
    fails(GLib.Error, "did you mean 'scale'?", Pinwheel.parse, "pyramp scael=3 ! fakesink")
    fails(GLib.Error, "'many' is not a whole number", Pinwheel.parse, "pyramp items=many ! fakesink")
    fails(GLib.Error, "did you mean 'pyramp'?", Pinwheel.parse, "pyrapm ! fakesink")
    assert "pyramp" in Pinwheel.registry_list()


@test
def names_that_are_taken_and_classes_that_are_none_are_refused():
    fails(ValueError, "'pyramp' is taken", Pinwheel.element("pyramp"), Sink)
    fails(ValueError, "'npysrc' is taken", Pinwheel.element("npysrc"), Sink)
    fails(TypeError, "derives from", Pinwheel.element("pyother"), dict)
    fails(TypeError, "derives from", Pinwheel.element("pyother"), len)


@test
def what_a_class_does_not_have_is_told():
    @Pinwheel.element("pynone")
    class Nothing(Pinwheel.Source):
        pass

    @Pinwheel.element("pynofill")
    class NoFill(Pinwheel.Source):
        def do_negotiate(self):
            self.get_src().set_format(Pinwheel.Format.parse("x:f32[*]", 3))

    @Pinwheel.element("pynodemand")
    class NoDemand(Pinwheel.Transform):
        def do_negotiate(self):
            self.get_src().set_format(Pinwheel.Format.parse("z:f32[*]", 100))

        def do_transform(self, given, made):
            made["z"] = 3

    fails(GLib.Error, ["pynone0: negotiate() of class ", "gave pad 'src' no format"],
          Pinwheel.parse("pynone ! fakesink").run)
    fails(GLib.Error, "has no fill()", Pinwheel.parse("pynofill ! fakesink").run)
    fails(GLib.Error, "array z has no memory; ask for it with set_demand()",
          Pinwheel.parse("pyramp ! pynodemand ! fakesink").run)


@test
def device_memory_is_refused_in_words():
    pipeline = Pinwheel.parse("pyramp ! upload ! pytimes ! download ! fakesink")
    pipeline.set_property("device", "sim")
    fails(GLib.Error, ["pytimes0: works with the CPU", "put 'download' before it"], pipeline.run)

    class Deep(Sink):
        pass

    Deep.set_pad("sink", Pinwheel.PadDirection.SINK, Pinwheel.Place.DEVICE)
    Pinwheel.registry_add("pydeep", Deep)
    pipeline = Pinwheel.parse("pyramp ! upload ! pydeep")
    pipeline.set_property("device", "sim")
    fails(GLib.Error, ["pydeep0: ", "array x is in device memory", "put 'download'"], pipeline.run)
    pipeline.set_property("device", "host")
    pipeline.run()
    assert len(pipeline["pydeep0"].got) == 1


@test
def an_element_keeps_its_attributes_while_only_the_pipeline_holds_it():
    pipeline = Pinwheel.parse("pyramp name=in ! pysink")
    pipeline["in"].made_at.append("here")
    gc.collect()
    pipeline.run()
    gc.collect()
    assert pipeline["in"].made_at == ["", "here"]
    keeper = weakref.ref(pipeline["in"])
    del pipeline
    gc.collect()
    assert keeper() is None


@test
def pipelines_in_several_threads_share_the_interpreter():
    done = []

    def one():
        for _ in range(5):
            result = run("pyramp items=1000 ! pytimes ! pysink name=out", chunk=10)["out"].result()
            done.append(numpy.array_equal(result, 2 * numpy.arange(1000)))

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [True] * 15, done


@test
def ctrl_c_ends_a_run_of_python():
    begun = threading.Event()

    @Pinwheel.element("pyendless")
    class Endless(Ramp):
        def do_fill(self, chunk):
            begun.set()
            Ramp.do_fill(self, chunk)

    def send():
        begun.wait()
        os.kill(os.getpid(), signal.SIGINT)

    sender = threading.Thread(target=send)
    sender.start()
    fails(KeyboardInterrupt, "", run, "pyendless items=1T ! pytimes ! fakesink")
    sender.join()


@test
def a_program_that_ends_in_the_middle_of_a_run_ends():
    text = """
import sys
sys.path.insert(0, %r)
from overlay import Pinwheel

@Pinwheel.element("endless")
class Endless(Pinwheel.Source):
    def do_negotiate(self):
        self.get_src().set_format(Pinwheel.Format.parse("x:f32[*]", 1 << 40))
    def do_fill(self, chunk):
        chunk["x"] = 1

pipeline = Pinwheel.parse("endless ! fakesink")
pipeline.set_property("chunk", 10)
pipeline.start()
%s
"""
    here = os.path.join(TOP, "tests", "introspection")
    for last in ("", "del pipeline", "raise SystemExit(0)", "Pinwheel.kept = pipeline"):
        done = subprocess.run([sys.executable, "-c", text % (here, last)], capture_output=True, text=True,
                              timeout=200)
        assert done.returncode == 0 and not done.stderr, (last, done)


main()
