# SPDX-License-Identifier: LGPL-2.1-or-later
"""What Python adds to Pinwheel: NumPy arrays go in and come out where they lie, chunks come in a `for`
loop, a pipeline ends with its `with` block, and Ctrl-C ends a run.

NumPy is asked for only where an array is handed over. Errors are GLib.Error, whose `message` is whole.
"""
import threading

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
    name = _DTYPE.get(array.dtype.str)
    if name is None:
        raise TypeError("no dtype of Pinwheel is NumPy's %s; expected one of %s, in this machine's order"
                        % (array.dtype, " ".join(sorted(_TYPESTR))))
    if array.size and min(array.strides, default=0) < 0:
        raise ValueError("an axis runs backwards (a negative stride); copy the array first")
    extent = array.itemsize + sum((n - 1) * step for n, step in zip(array.shape, array.strides))
    return Pinwheel.AppArray.new_owned(
        Pinwheel.dtype_from_string(name)[1], list(array.shape), list(array.strides), array.ctypes.data,
        extent if array.size else 0, _Owner(array))


def _check_writable(array):
    if not array.flags.writeable:
        raise ValueError("the array is read-only; expected one that can be written")


class AppArray(Pinwheel.AppArray):
    @classmethod
    def from_numpy(cls, array):
        """The memory of a NumPy array, which is kept until nothing uses it any more: no copy."""
        _check_writable(array)
        return _wrap(array)

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
    def __len__(self):
        return self.get_count()

    def keys(self):
        shape = self.get_format()
        return [shape.array(i).name for i in range(shape.n_arrays())]

    def __getitem__(self, name):
        """An array of the chunk as NumPy's, to be read: no copy. It keeps the chunk, and so its buffers,
        which the stream waits for: drop it, or copy it, before the next but a few."""
        form = self.get_format()
        i = form.find(name)
        if i < 0:
            raise KeyError("no array %s; there are: %s" % (name, " ".join(self.keys())))
        array = form.array(i)
        shape = list(array.shape[:array.n_dims])
        if array.chunk_axis >= 0:
            shape[array.chunk_axis] = self.get_count()
        return _as_numpy(_View(self, self.get_data(i), _typestr(array.dtype), tuple(shape)))


Chunk = override(Chunk)
__all__.append("Chunk")


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
            _check_writable(array)
        return super().set_array(name, _app_array(array))

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


class Pipeline(Pinwheel.Pipeline):
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
        _until_interrupted(lambda: self.set_state(Pinwheel.State.RUNNING), self.stop)

    def wait(self):
        """Waits for the end; Ctrl-C stops the run."""
        wait = super().wait
        return _until_interrupted(wait, self.stop)

    def run(self):
        """Starts and waits for the end; Ctrl-C stops the run."""
        run = super().run
        return _until_interrupted(run, self.stop)


Pipeline = override(Pipeline)
__all__.append("Pipeline")


@_export
def parse(text, file=None):
    """A pipeline of a description in gst-launch's grammar."""
    return Pinwheel.parse_launch(text, file)
