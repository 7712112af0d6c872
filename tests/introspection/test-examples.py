# SPDX-License-Identifier: LGPL-2.1-or-later
"""The examples in Python and Vala run."""
import os
import shutil
import subprocess
import sys

TOP = os.environ["top_srcdir"]
BUILD = os.environ["top_builddir"]
EXAMPLES = os.path.join(TOP, "tests", "examples")
sys.path.insert(0, os.path.join(TOP, "tests", "pipelines"))
from tap import Skip, main, test  # noqa: E402

# the overlay of the tree, in place of an installed one
RUN = ("import gi.overrides, runpy, sys; gi.overrides.__path__.insert(0, sys.argv.pop(1)); "
       "del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')")


def python(*words, modules=None):
    """Runs an example; `modules` is a folder of modules that come before the system's."""
    try:
        import gi.overrides  # noqa: F401
        import numpy  # noqa: F401
    except ImportError as error:
        raise Skip(str(error))
    name, *others = words
    return subprocess.run([sys.executable, "-c", RUN, os.path.join(TOP, "include", "bindings"),
                           os.path.join(EXAMPLES, name), *others],
                          capture_output=True, text=True,
                          env=dict(os.environ, **({"PYTHONPATH": modules} if modules else {})))


@test
def a_numpy_array_goes_in_and_another_one_comes_out():
    done = python("double.py")
    assert done.returncode == 0 and done.stdout == "2\n4\n6\n", done.stdout + done.stderr


def sweep():
    """What sweep.py is to print."""
    import numpy

    r = numpy.linspace(2.5, 4, 4096)
    x = numpy.full_like(r, 0.5)
    for _ in range(8):
        x = r * x * (1 - x)
    return "4096 points, x from %.4f to %.4f\n" % (x.min(), x.max())


# in place of matplotlib: a picture is a line for each curve in it
FAKE = """
def use(backend):
    assert backend == "Agg"
class pyplot:
    @staticmethod
    def subplots():
        return Figure, Figure
class Figure:
    curves = []
    @classmethod
    def plot(cls, x, y, style):
        assert len(x) == len(y)
        cls.curves.append(len(x))
    @classmethod
    def savefig(cls, path):
        with open(path, "a") as file:
            print(*cls.curves, file=file)
"""


@test
def a_sweep_is_what_numpy_makes_of_it():
    done = python("sweep.py")
    assert (done.returncode, done.stdout) == (0, sweep()), done.stdout + done.stderr


@test
def the_plot_of_a_sweep_grows_with_each_chunk():
    os.mkdir("modules")
    with open("modules/matplotlib.py", "w", encoding="utf-8") as file:
        file.write(FAKE + "import sys\nsys.modules['matplotlib.pyplot'] = pyplot\n")
    done = python("sweep.py", "sweep.txt", modules="modules")
    assert (done.returncode, done.stdout) == (0, sweep()), done.stdout + done.stderr
    with open("sweep.txt", encoding="utf-8") as file:
        assert file.read().splitlines() == [" ".join(["1024"] * n) for n in range(1, 5)]


@test
def a_sweep_is_plotted_as_png():
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise Skip(str(error))
    done = python("sweep.py", "sweep.png")
    assert (done.returncode, done.stdout) == (0, sweep()), done.stdout + done.stderr
    with open("sweep.png", "rb") as file:
        assert file.read(8) == b"\x89PNG\r\n\x1a\n"


@test
def a_sweep_without_matplotlib_says_so_and_goes_on():
    os.mkdir("modules")
    with open("modules/matplotlib.py", "w", encoding="utf-8") as file:
        file.write("raise ImportError('none here')\n")
    done = python("sweep.py", "sweep.png", modules="modules")
    assert (done.returncode, done.stdout) == (0, sweep()), done.stdout + done.stderr
    assert done.stderr == "no plot without matplotlib\n" and not os.path.exists("sweep.png")


@test
def elements_in_python_are_used_by_name():
    import numpy

    t = numpy.arange(1000000)
    done = python("elements.py")
    expected = "1000000 items, mean %.4f\n" % (numpy.sin(1e-7 * t * t) ** 2).mean()
    assert (done.returncode, done.stdout) == (0, expected), done.stdout + done.stderr


def vala(name):
    """Compiles an example, and returns what runs it."""
    if not shutil.which("valac") or not os.path.exists(os.path.join(BUILD, "pinwheel-1.0.vapi")):
        raise Skip("no valac")
    flags = ["-w", "-I" + os.path.join(TOP, "include"), "-I" + os.path.join(BUILD, "include"),
             "-L" + os.path.join(BUILD, ".libs"), "-lpinwheel-1.0"]
    made = subprocess.run(
        ["valac", "--fatal-warnings", "--vapidir=" + BUILD, "--pkg=pinwheel-1.0", "--output=" + name,
         *(word for flag in flags for word in ("-X", flag)), os.path.join(EXAMPLES, name + ".vala")],
        capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    return lambda *words: subprocess.run(["./" + name, *words], capture_output=True, text=True)


@test
def an_array_of_a_vala_program_goes_in_and_chunks_come_out():
    done = vala("double")()
    assert done.stdout == "2\n4\n6\n", done.stdout + done.stderr


@test
def elements_in_vala_are_used_by_name():
    run = vala("elements")
    done = run()
    assert (done.returncode, done.stdout) == (0, "5050.5\n"), done.stdout + done.stderr
    done = run("testsrc format=x:f64[*] items=101 ! upload ! map expr='x = 2*x' ! download ! total ! last")
    assert (done.returncode, done.stdout) == (0, "10100\n"), done.stdout + done.stderr
    for text, says in (
            ("testsrc format=x:f32[*] items=9 ! total name=t ! last", "t: expected x:f64[*], not x:f32[*]"),
            ("testsrc format=x:f64[*] items=9 ! total ofset=1 ! last", "did you mean 'offset'?"),
            ("testsrc format=x:f64[*] items=9 ! total offset=a ! last", "'a' is not a number"),
            ("testsrc format=x:f64[*] items=9 ! upload ! total ! last", "put 'download' between them")):
        done = run(text)
        assert done.returncode == 1 and says in done.stderr, done.stdout + done.stderr


main()
