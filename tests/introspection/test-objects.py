# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a program asks a pipeline, as objects: its plan, its statistics, how far it is, where elements come from."""
import os
import sys

TOP = os.environ["top_srcdir"]
sys.path.insert(0, os.path.join(TOP, "tests", "pipelines"))
from tap import main, test  # noqa: E402

try:
    import gi
    import gi.overrides

    gi.overrides.__path__.insert(0, os.path.join(TOP, "include", "bindings"))
    gi.require_version("Pinwheel", "1.0")
    from gi.repository import GLib, Pinwheel
except (ImportError, ValueError) as reason:
    print("1..0 # SKIP 4 tests: %s" % reason)
    sys.exit(0)


def make(text, **properties):
    pipeline = Pinwheel.parse(text)
    pipeline.set_property("device", "host")
    for name, value in properties.items():
        pipeline.set_property(name.replace("_", "-"), value)
    return pipeline


@test
def the_plan_is_an_object():
    pipeline = make("testsrc name=in format='x:f32[*] k:f64[7]' items=100000 ! upload ! download ! fakesink", chunk=3000)
    assert pipeline.get_plan() is None
    pipeline.set_state(Pinwheel.State.READY)
    plan = pipeline.get_plan()
    assert (plan.n_items, plan.chunk_length, plan.n_chunks, plan.n_devices) == (100000, 3000, 34, 1)
    assert plan.budget.chunk == 3000 and plan.budget.pinned > plan.pinned and plan.warning is None
    pool, = plan.pools
    assert pool.owner == "in.src" and pool.kind == Pinwheel.MemoryKind.PINNED
    assert pool.n_buffers * pool.buffer_size + pool.broadcast_size == plan.pinned
    assert "chunks  34, the last one of 1000 items" in plan.to_string()
    pipeline.set_state(Pinwheel.State.NULL)
    # it is the program's own as long as that wants it, and so is each pool of it
    assert pipeline.get_plan() is None and plan.n_chunks == 34
    del plan
    assert pool.owner == "in.src"


@test
def statistics_and_progress_are_objects():
    pipeline = make("testsrc format=x:f32[*] items=100000 ! identity name=i ! fakesink", chunk=1000)
    pipeline.run()
    for element in pipeline.get_elements():
        statistics = element.get_statistics()
        assert (statistics.chunks, statistics.items, statistics.bytes) == (100, 100000, 400000)
        assert statistics.elapsed > 0 and statistics.host_waits >= 0
        assert min(statistics.waited_input, statistics.waited_buffer, statistics.waited_output) >= 0
    progress = pipeline.get_progress()
    assert (progress.items_done, progress.items_total) == (100000, 100000)
    assert pipeline.get_property("items-done") == 100000


@test
def a_pipeline_is_built_element_by_element():
    pipeline = Pinwheel.Pipeline()
    source, tee, first, second = (Pinwheel.Element.make(kind, None) for kind in ("testsrc", "tee", "fakesink", "fakesink"))
    for element in (source, tee, first, second):
        pipeline.add(element)
    source.set_property("format", "x:f32[*]")
    source.set_property("items", 50)
    source.link(tee)
    tee.link_pads("src_4", first, None)
    tee.link(second)
    pipeline.run()
    assert second.get_statistics().items == 50
    assert pipeline.to_string() == ("testsrc items=50 ! tee\nfakesink\nfakesink\n"
                                    "tee0.src_4 ! fakesink0.sink\ntee0.src_0 ! fakesink1.sink"), pipeline.to_string()
    for wrong, message in (
            (lambda: source.link(first), "testsrc0.src is already linked to tee0.sink; a tee gives"),
            (lambda: tee.link_pads("out", first, None), "tee0 has no pad 'out'; its pads are sink, src_%u"),
            (lambda: pipeline.add(tee), "'tee0' is in this pipeline already"),
            (lambda: Pinwheel.Element.make("tee", "two words"), "a name has only letters, digits, - and _")):
        try:
            wrong()
        except GLib.Error as error:
            assert error.message.startswith(message), error.message
        else:
            raise AssertionError("went on: " + message)


@test
def the_registry_tells_where_an_element_comes_from():
    entry = Pinwheel.registry_look_up("map")
    assert (entry.name, entry.group, entry.plugin) == ("map", "compute", "elements")
    assert entry.path.endswith("/pinwheelcore.so") and entry.summary and entry.version
    assert Pinwheel.registry_look_up("nonsense") is None


main()
