# SPDX-License-Identifier: LGPL-2.1-or-later
"""What Python adds to Pinwheel: NumPy arrays go in and come out where they lie, chunks come in a `for`
loop, a pipeline ends with its `with` block, Ctrl-C ends a run, and elements can be written in Python.

NumPy is asked for only where an array is handed over. Errors are GLib.Error, whose `message` is whole.
"""
import atexit
import functools
import os
import threading
import traceback
import types
import weakref

from gi.repository import Gio, GLib, GObject

from ..module import get_introspection_module
from ..overrides import override

Pinwheel = get_introspection_module("Pinwheel")
__all__ = []

_TYPESTR = {
    "bool": "|b1", "i8": "|i1", "i16": "<i2", "i32": "<i4", "i64": "<i8", "u8": "|u1", "u16": "<u2",
    "u32": "<u4", "u64": "<u8", "f16": "<f2", "f32": "<f4", "f64": "<f8", "c64": "<c8", "c128": "<c16",
}
_DTYPE = {typestr: name for name, typestr in _TYPESTR.items()}


def _typestr(dtype):
    return _TYPESTR[Pinwheel.dtype_to_string(dtype)]


def _export(function):
    __all__.append(function.__name__)
    return function


def _until_interrupted(function, stop):
    """Calls what blocks in C so that Ctrl-C is heard: Python runs its handlers in the main thread, and
    only while that is not in C. Then stop() ends the call, and the exception goes on."""
    if threading.current_thread() is not threading.main_thread():
        return function()
    outcome = []
    done = threading.Event()

    def call():
        try:
            outcome.append((function(), None))
        except BaseException as error:  # raised again by whoever asked
            outcome.append((None, error))
        done.set()

    thread = threading.Thread(target=call, name="pinwheel-wait", daemon=True)
    thread.start()
    try:
        done.wait()
    except BaseException:
        stop()
        thread.join()
        raise
    thread.join()
    result, error = outcome[0]
    if error is not None:
        raise error
    return result


class _View:
    """Memory seen through NumPy's array interface; the array that is made of it keeps `owner`."""

    def __init__(self, owner, address, typestr, shape, strides=None, writable=False):
        self.owner = owner
        self.__array_interface__ = {
            "version": 3, "data": (address or 0, not writable), "typestr": typestr, "shape": shape,
            "strides": strides,
        }


def _as_numpy(view):
    import numpy

    interface = view.__array_interface__
    if 0 in interface["shape"]:  # nothing lies there
        return numpy.empty(interface["shape"], interface["typestr"])
    return numpy.asarray(view)


class _Owner(GObject.Object):
    """Holds an array for as long as Pinwheel holds this. No callback into Python: the last reference may
    be dropped by any thread, and while an exception is under way."""

    def __init__(self, array):
        super().__init__()
        self.array = array


def _wrap(array):
    if not hasattr(array, "__array_interface__"):
        raise TypeError("expected a NumPy array or a Pinwheel.AppArray, not %s" % type(array).__name__)
    name = _DTYPE.get(array.dtype.str)
    if name is None and array.dtype.str[0] == ">":
        raise TypeError("the array is %s and not in this machine's order; copy it with "
                        "array.astype(array.dtype.newbyteorder(\"=\"))" % array.dtype)
    if name is None:
        raise TypeError("no dtype of Pinwheel is NumPy's %s; expected one of %s"
                        % (array.dtype, " ".join(sorted(_TYPESTR))))
    if array.size and min(array.strides, default=0) < 0:
        raise ValueError("an axis runs backwards (a negative stride); copy the array first")
    extent = array.itemsize + sum((n - 1) * step for n, step in zip(array.shape, array.strides))
    return Pinwheel.AppArray.new_owned(
        Pinwheel.dtype_from_string(name)[1], list(array.shape), list(array.strides), array.ctypes.data,
        extent if array.size else 0, _Owner(array))


def _wrap_writable(array):
    wrapped = _wrap(array)
    if not array.flags.writeable:
        raise ValueError("the array is read-only; expected one that can be written")
    return wrapped


class AppArray(Pinwheel.AppArray):
    @classmethod
    def from_numpy(cls, array):
        """The memory of a NumPy array, which is kept until nothing uses it any more: no copy."""
        return _wrap_writable(array)

    def to_numpy(self):
        """A NumPy array of the same memory, which keeps this one: no copy."""
        axes = range(self.get_n_dims())
        return _as_numpy(_View(
            self, self.get_memory(), _typestr(self.get_dtype()), tuple(self.get_length(i) for i in axes),
            tuple(self.get_stride(i) for i in axes), self.is_writable()))


AppArray = override(AppArray)
__all__.append("AppArray")


def _app_array(value):
    if value is None or isinstance(value, Pinwheel.AppArray):
        return value
    return _wrap(value)


class Chunk(Pinwheel.Chunk):
    _writable = False  # while an element of Python has it to fill

    def __len__(self):
        return self.get_count()

    def keys(self):
        shape = self.get_format()
        return [shape.array(i).name for i in range(shape.n_arrays())]

    def __getitem__(self, name):
        """An array of the chunk as NumPy's, to be read: no copy. It keeps the chunk, and so its buffers,
        which the stream waits for: drop it, or copy it, before the next but a few. Who is to fill the
        chunk can write it, until its function returns."""
        form = self.get_format()
        i = form.find(name)
        if i < 0:
            raise KeyError("no array %s; there are: %s" % (name, " ".join(self.keys())))
        array = form.array(i)
        shape = list(array.shape[:array.n_dims])
        if array.chunk_axis >= 0:
            shape[array.chunk_axis] = self.get_count()
        address = self.get_data(i)
        if not self.is_on_host(i):
            raise ValueError("array %s is in device memory, which Python does not reach; put 'download' "
                             "before who reads it" % name)
        if not address and 0 not in shape:
            raise ValueError("array %s has no memory; ask for it with set_demand() in do_negotiate()" % name)
        return _as_numpy(_View(self, address, _typestr(array.dtype), tuple(shape), writable=self._writable))

    def __setitem__(self, name, values):
        """Fills an array of a chunk that the element is to fill."""
        self[name][...] = values


Chunk = override(Chunk)
__all__.append("Chunk")


def _describe(error, code):
    """What is told of an exception: the innermost place in the file that holds `code` is where it is."""
    places = traceback.extract_tb(error.__traceback__)
    place = next((place for place in reversed(places) if place.filename == code.co_filename), None)
    text = "".join(traceback.format_exception_only(type(error), error)).strip().replace("\n", "; ")
    if place is None:
        return text
    return "%s (%s:%d, in %s)" % (text, os.path.basename(place.filename), place.lineno, place.name)


def _guard(function, adapt):
    """Makes a function of an element what C expects: nothing returned is success, an exception becomes
    the error of the run."""
    @functools.wraps(function)
    def call(self, *given):
        try:
            result = adapt(function, self, *given)
            return True if result is None else result
        except GLib.Error:
            raise
        except BaseException as error:
            error.__traceback__ = error.__traceback__.tb_next.tb_next
            text = _describe(error, function.__code__)
            traceback.clear_frames(error.__traceback__)  # their variables would keep chunks
            self._raised = (text, error)
        raise GLib.Error.new_literal(Pinwheel.error_quark(), text, Pinwheel.Error.FAILED)

    return call


def _plain(function, self, *given):
    return function(self, *given)


def _filling(function, self, *given):
    """For functions whose last argument is a chunk to fill."""
    chunk = given[-1]
    if chunk is None:  # chunks pass through
        return function(self, *given)
    chunk._writable = True
    try:
        return function(self, *given)
    finally:
        chunk._writable = False


def _aggregating(function, self, inputs, *others):
    return _filling(function, self, inputs, others[-1])


def _counting(function, self, most):
    count = function(self, most)
    return True, 0 if count is None else min(int(count), most)


def _filling_broadcast(function, self, index, _address):  # PyGObject gives no addresses to functions
    src = self.get_src()
    array = src.get_format().array(index)
    view = _View(self, src.get_broadcast(index), _typestr(array.dtype), tuple(array.shape[:array.n_dims]),
                 writable=True)
    return function(self, array.name, _as_numpy(view))


_ADAPT = {
    "do_negotiate": _plain, "do_start": _plain, "do_seal": _plain, "do_commit": _plain,
    "do_fill": _filling, "do_fill_broadcast": _filling_broadcast, "do_next": _counting,
    "do_transform": _filling, "do_consume": _plain, "do_finish": _plain, "do_aggregate": _aggregating,
}


class Element(Pinwheel.Element):
    """Elements written in Python derive from Source, Transform, Sink or Aggregator. Each function runs in
    the element's own thread, but one at a time in all of Python; NumPy computes beside it.

    do_fill(chunk), do_transform(input, output) and do_aggregate(inputs, output) fill the arrays of their
    last argument, which can be written until they return; do_fill_broadcast(name, array) fills the whole
    of an array that is not cut; do_next(most) returns how many items the next chunk has, 0 at the end;
    do_consume(chunk) reads. What is returned otherwise does not count, but for False: that fails.
    """

    def __init_subclass__(cls, **words):
        super().__init_subclass__(**words)
        for name, function in list(vars(cls).items()):
            if name in _ADAPT and isinstance(function, types.FunctionType):
                setattr(cls, name, _guard(function, _ADAPT[name]))


Element = override(Element)
__all__.append("Element")


class AppSrc(Pinwheel.AppSrc):
    def set_array(self, name, array):
        """The whole of an array, a NumPy array or an AppArray; its memory is kept, and not copied."""
        return super().set_array(name, _app_array(array))

    def push(self, *arrays):
        """One array, a NumPy array or an AppArray, for each that is cut; waits for room."""
        cancellable = Gio.Cancellable()
        given = [_app_array(array) for array in arrays]
        try:
            return super().try_push(given)
        except GLib.Error as error:
            if not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.WOULD_BLOCK):
                raise
        wait = super().push
        return _until_interrupted(lambda: wait(given, cancellable), cancellable.cancel)


AppSrc = override(AppSrc)
__all__.append("AppSrc")


class AppSink(Pinwheel.AppSink):
    def set_array(self, name, array):
        """Where to write all of an array: a NumPy array or an AppArray."""
        if array is not None and not isinstance(array, Pinwheel.AppArray):
            array = _wrap_writable(array)
        return super().set_array(name, array)

    def pull(self):
        """The next chunk, or None at the end of the stream."""
        cancellable = Gio.Cancellable()
        try:
            return super().try_pull()
        except GLib.Error as error:
            if not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.WOULD_BLOCK):
                raise
        wait = super().pull
        return _until_interrupted(lambda: wait(cancellable), cancellable.cancel)

    def __iter__(self):
        return iter(self.pull, None)


AppSink = override(AppSink)
__all__.append("AppSink")


_started = weakref.WeakSet()  # pipelines that may run


@atexit.register
def _stop_all():
    """Their threads may not find the interpreter gone."""
    for pipeline in list(_started):
        pipeline.stop()
        if pipeline.get_state() == Pinwheel.State.RUNNING:
            pipeline.set_state(Pinwheel.State.NULL)


class Pipeline(Pinwheel.Pipeline):
    def _call(self, function):
        """What raises an error that an element of Python raised, raises it from that."""
        _started.add(self)
        try:
            return _until_interrupted(function, self.stop)
        except GLib.Error as error:
            for element in self.get_elements():
                text, cause = getattr(element, "_raised", (None, None))
                if text is not None and error.message.endswith(text):
                    raise error from cause
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _traceback):
        """Holds nothing any more. Where the block ended because the run did, says why the run ended."""
        if kind is None or self.get_state() != Pinwheel.State.RUNNING:
            self.stop()
            self.set_state(Pinwheel.State.NULL)
            return
        if issubclass(kind, GLib.Error) and error.matches(Pinwheel.error_quark(), Pinwheel.Error.STOPPED):
            self.wait()
            return
        self.stop()
        self.set_state(Pinwheel.State.NULL)

    def __getitem__(self, name):
        element = self.get_element(name)
        if element is None:
            raise KeyError("no element %s; there are: %s"
                           % (name, " ".join(e.get_name() for e in self.get_elements())))
        return element

    def start(self):
        """Goes to RUNNING; compiling is part of that."""
        self._call(lambda: self.set_state(Pinwheel.State.RUNNING))

    def wait(self):
        """Waits for the end; Ctrl-C stops the run."""
        return self._call(super().wait)

    def run(self):
        """Starts and waits for the end; Ctrl-C stops the run."""
        return self._call(super().run)


Pipeline = override(Pipeline)
__all__.append("Pipeline")


@_export
def element(name, group="others", summary=None, description=None, example=None):
    """For a class that derives from Element: makes it known as an element of that name, to be used in
    descriptions by this process. Where no summary is given it is the docstring's first line."""
    def register(cls):
        if not (isinstance(cls, type) and issubclass(cls, Pinwheel.Element)):
            raise TypeError("expected a class that derives from Pinwheel.Source, Transform, Sink or Aggregator")
        if Pinwheel.registry_find(name) != GObject.TYPE_INVALID:
            raise ValueError("the name '%s' is taken by another element" % name)
        text = (cls.__dict__.get("__doc__") or name).strip()
        cls.set_info(name, group, summary or text.split("\n")[0].rstrip("."), description or text, example)
        Pinwheel.registry_add(name, cls)
        return cls

    return register


@_export
def parse(text, file=None):
    """A pipeline of a description in gst-launch's grammar."""
    return Pinwheel.parse_launch(text, file)
