# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plug-ins of others: loaded when they are needed, left out with one warning when they are broken."""
import glob
import os
import shutil
import string
import subprocess
import tempfile

from tap import Skip, launch, main, run, test

TOP = os.environ["top_srcdir"]
BUILD = os.environ["top_builddir"]

SOURCE = string.Template("""
#include <gmodule.h>
#include <pinwheel/pinwheel.h>
G_DECLARE_FINAL_TYPE ($type, its, ITS, IT, PinwheelTransform)
struct _$type { PinwheelTransform parent_instance; };
G_DEFINE_FINAL_TYPE ($type, its, PINWHEEL_TYPE_TRANSFORM)
static const PinwheelElementInfo info = { "$name", "flow", "What $name does", "", "" };
$before
static gboolean its_negotiate (PinwheelElement *self, GError **error)
{
  pinwheel_pad_set_format (pinwheel_element_get_src (self),
                           pinwheel_pad_get_format (pinwheel_element_get_sink (self)));
  return TRUE;
}
static void its_class_init (${type}Class *klass)
{
  PINWHEEL_ELEMENT_CLASS (klass)->info = &info;
  PINWHEEL_ELEMENT_CLASS (klass)->negotiate = its_negotiate;
}
static void its_init ($type *self) { $in_init; }
static const PinwheelPluginElement elements[] = { { "$name", its_get_type }, { NULL, NULL } };
G_MODULE_EXPORT const PinwheelPlugin $table = { $abi, "plug-in of $name", elements };
""")
_built = {}
_scratch = tempfile.mkdtemp(prefix="pinwheel-plugins-")


def build(name, before="", in_init="", abi="PINWHEEL_PLUGIN_ABI", table="pinwheel_plugin", source=None, flags=()):
    """Returns the path of a plug-in with one element; each is compiled once."""
    key = (name, before, in_init, abi, table, source, tuple(flags))
    if key in _built:
        return _built[key]
    if not shutil.which("cc"):
        raise Skip("no cc")
    text = source or SOURCE.substitute(type="Its%d" % len(_built), name=name, before=before, in_init=in_init, abi=abi,
                                       table=table)
    path = os.path.join(_scratch, "%d.so" % len(_built))
    config = subprocess.run(["pkg-config", "--cflags", "gio-2.0", "gmodule-2.0"], check=True, capture_output=True,
                            text=True)
    made = subprocess.run(
        ["cc", "-x", "c", "-shared", "-fPIC", "-o", path, "-", "-I" + os.path.join(TOP, "include"),
         "-I" + os.path.join(BUILD, "include"), *config.stdout.split(), *flags],
        input=text, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    _built[key] = path
    return path


def put(path, at):
    os.makedirs(os.path.dirname(at), exist_ok=True)
    # in one step, so that no run sees half of it
    shutil.copy(path, at + ".part")
    os.rename(at + ".part", at)


def environ(*folders, **more):
    """The folders are searched first, and the registry is one of this test alone."""
    os.makedirs("cache", mode=0o700, exist_ok=True)
    return dict({"PINWHEEL_PLUGIN_PATH": ":".join(folders), "PINWHEEL_REGISTRY": os.path.abspath("cache/registry")},
                **more)


def names(env):
    result = launch("--names", tool="pinwheel-inspect", env=env)
    assert result.code == 0, result
    return result.out.split(), result.err


def loaded(env, *words, tool="pinwheel-inspect"):
    """Which plug-ins the loader has opened: asked of the loader itself."""
    for old in glob.glob("loads.*"):
        os.unlink(old)
    result = run(*words, tool=tool, env=dict(env, LD_DEBUG="files", LD_DEBUG_OUTPUT=os.path.abspath("loads")))
    seen = set()
    for name in glob.glob("loads.*"):
        with open(name, encoding="utf-8", errors="replace") as file:
            for line in file:
                if "calling init: " in line:
                    path = line.split("calling init: ")[1].strip()
                    if os.path.dirname(path).endswith(("/pinwheel-1.0", "/plugins")):
                        seen.add(os.path.basename(path))
    return seen, result


LINE = ("-q", "testsrc", "format=x:i32[*]", "items=10", "!", "alpha", "!", "fakesink")


@test
def a_plugin_is_loaded_when_an_element_of_it_is_made_and_not_before():
    put(build("alpha"), "plugins/alpha.so")
    put(build("beta"), "plugins/beta.so")
    env = environ("plugins")
    seen, _ = loaded(env)
    assert seen == {"alpha.so", "beta.so", "pinwheelcore.so"}, seen
    seen, result = loaded(env)
    assert seen == set(), seen
    assert "alpha          What alpha does" in result.out, result
    seen, _ = loaded(env, *LINE, tool="pinwheel-launch")
    assert seen == {"alpha.so", "pinwheelcore.so"}, seen
    seen, _ = loaded(env, "beta")
    assert seen == {"beta.so"}, seen
    seen, _ = loaded(dict(env, PINWHEEL_REGISTRY="off"))
    assert seen == {"alpha.so", "beta.so", "pinwheelcore.so"}, seen


@test
def inspect_tells_where_an_element_comes_from():
    put(build("alpha"), "plugins/alpha.so")
    for _ in range(2):
        result = run("alpha", tool="pinwheel-inspect", env=environ("plugins"))
        assert "\nPlug-in:\n  plug-in of alpha, built with Pinwheel " in result.out, result
        assert "\n  %s\n" % os.path.abspath("plugins/alpha.so") in result.out, result


@test
def a_plugin_that_is_replaced_is_read_anew():
    env = environ("plugins")
    put(build("alpha"), "plugins/one.so")
    assert "alpha" in names(env)[0]
    put(build("beta"), "plugins/one.so")
    found, err = names(env)
    assert "beta" in found and "alpha" not in found and err == "", (found, err)
    os.unlink("plugins/one.so")
    assert "beta" not in names(env)[0]
    put(build("alpha"), "plugins/one.so")
    assert "alpha" in names(env)[0]


def assert_left_out(what, why, env=None):
    """One warning, that names it; everything else works, with a registry and without."""
    put(build("alpha"), "plugins/alpha.so")
    env = env or environ("plugins")
    for more in ({}, {}, {"PINWHEEL_REGISTRY": "off"}):
        result = run(*LINE, env=dict(env, **more))
        said = result.err.splitlines()
        assert len(said) == 1 and what in said[0] and why in said[0], result


@test
def a_file_that_is_no_shared_object_is_left_out():
    os.mkdir("plugins")
    with open("plugins/text.so", "w", encoding="utf-8") as file:
        file.write("no library\n")
    assert_left_out("plugins/text.so: is left out", "not a whole shared object")


@test
def a_shared_object_that_was_cut_short_is_left_out():
    with open(build("beta"), "rb") as file:
        content = file.read()
    for size in (0, 10, 63, 64, 500, 4096, len(content) // 2):
        os.makedirs("plugins", exist_ok=True)
        with open("plugins/short.so", "wb") as file:
            file.write(content[:size])
        assert_left_out("plugins/short.so: is left out", "it cannot be loaded")


@test
def a_folder_and_a_pipe_with_the_name_of_a_plugin_are_left_out():
    os.makedirs("plugins/folder.so")
    assert_left_out("plugins/folder.so: is left out", "not a whole shared object")
    os.rmdir("plugins/folder.so")
    os.mkfifo("plugins/pipe.so")
    assert_left_out("plugins/pipe.so: is left out", "not a whole shared object")
    os.unlink("plugins/pipe.so")
    os.symlink("nowhere", "plugins/dangling.so")
    assert_left_out("plugins/dangling.so: is left out", "No such file")


@test
def a_plugin_that_misses_a_function_is_left_out():
    put(build("beta", before="void pinwheel_no_such_function (void);", in_init="pinwheel_no_such_function ()"),
        "plugins/missing.so")
    assert_left_out("plugins/missing.so: is left out", "pinwheel_no_such_function")


@test
def a_library_without_a_table_or_with_another_one_is_left_out():
    put(build("beta", table="somebodys_plugin"), "plugins/none.so")
    assert_left_out("plugins/none.so: is left out", "it has no symbol pinwheel_plugin")
    os.unlink("plugins/none.so")
    put(build("beta", source="const char pinwheel_plugin = 1;"), "plugins/small.so")
    assert_left_out("plugins/small.so: is left out", "its symbol pinwheel_plugin is no table")
    os.unlink("plugins/small.so")
    put(build("beta", source="const unsigned pinwheel_plugin[2] = { 1u << 24 | 1 };"), "plugins/half.so")
    assert_left_out("plugins/half.so: is left out", "its table is broken")


@test
def a_plugin_built_for_another_library_is_left_out():
    for abi, why in (("PINWHEEL_PLUGIN_ABI + (1u << 24)", "it was built for plug-in interface 2"),
                     ("1", "it was built for plug-in interface 0"),
                     ("PINWHEEL_PLUGIN_ABI + 1", "it was built with Pinwheel"),
                     ("PINWHEEL_PLUGIN_ABI + (1u << 16)", "it was built with Pinwheel")):
        put(build("beta", abi=abi), "plugins/other.so")
        assert_left_out("plugins/other.so: is left out", why)


@test
def of_two_elements_of_one_name_the_first_one_stays():
    put(build("alpha"), "plugins/z.so")
    put(build("alpha", before="/* another */"), "others/a.so")
    env = environ("plugins", "others")
    first, second = os.path.abspath("plugins/z.so"), os.path.abspath("others/a.so")
    for _ in range(2):
        result = run("alpha", tool="pinwheel-inspect", env=env)
        assert first in result.out, result
        assert result.err == ("pinwheel: %s: its element 'alpha' is left out: that name is taken by %s\n"
                              % (second, first)), result
    env = environ("others", "plugins")
    assert second in run("alpha", tool="pinwheel-inspect", env=env).out
    # within a folder, the names of the files say so
    put(build("alpha"), "plugins/b.so")
    assert os.path.abspath("plugins/b.so") in run("alpha", tool="pinwheel-inspect", env=environ("plugins")).out
    # and a file hides those of its name behind it
    put(build("beta"), "others/b.so")
    os.unlink("others/a.so")
    assert "beta" not in names(environ("plugins", "others"))[0]


@test
def a_second_copy_of_a_plugin_is_one_warning():
    for folder, name in (("plugins", "a.so"), ("plugins", "b.so")):
        put(build("alpha"), os.path.join(folder, name))
    env = environ("plugins")
    for more in ({}, {}, {"PINWHEEL_REGISTRY": "off"}):
        result = run(*LINE, env=dict(env, **more))
        assert len(result.err.splitlines()) == 1 and "b.so: its element 'alpha' is left out" in result.err, result
    # it is there as soon as the first one is not
    os.unlink("plugins/a.so")
    result = run(tool="pinwheel-inspect", env=env)
    assert "alpha          What alpha does" in result.out and result.err == "", result


@test
def an_element_of_the_library_gives_way_to_one_in_front_of_it():
    put(build("identity"), "plugins/own.so")
    for _ in range(2):
        result = run("identity", tool="pinwheel-inspect", env=environ("plugins"))
        assert "What identity does" in result.out, result
        assert result.err.count("its element 'identity' is left out") == 1, result


@test
def a_plugin_that_breaks_later_is_told_where_its_element_is_made():
    library = os.path.join(_scratch, "libpinwheeltestneeds.so")
    made = subprocess.run(["cc", "-x", "c", "-shared", "-fPIC", "-o", library, "-"], input="int needed = 1;",
                          capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    put(build("alpha", before="extern int needed;", in_init="g_assert (needed)",
              flags=("-L" + _scratch, "-lpinwheeltestneeds", "-Wl,-rpath," + _scratch)), "plugins/alpha.so")
    env = environ("plugins")
    run(*LINE, env=env)
    os.unlink(library)
    found, err = names(env)
    assert "alpha" in found and err == "", err
    result = launch(*LINE, env=env)
    assert result.code == 2, result
    assert "plugins/alpha.so, which brings 'alpha': it cannot be loaded: libpinwheeltestneeds.so" in result.err, result
    run("testsrc", "!", "fakesink", env=env)


@test
def a_registry_that_is_damaged_or_cannot_be_kept_is_not_spoken_of():
    put(build("alpha"), "plugins/alpha.so")
    env = environ("plugins")
    expected = names(env)
    assert expected[1] == "" and "alpha" in expected[0]
    for content in (b"", b"x", os.urandom(5000)):
        with open("cache/registry", "wb") as file:
            file.write(content)
        assert names(env) == expected
        assert loaded(env)[0] == set()
    with open("nothing", "w", encoding="utf-8"):
        pass
    for place in ({"PINWHEEL_REGISTRY": "/nowhere/registry"}, {"PINWHEEL_REGISTRY": os.path.abspath("nothing/registry")},
                  {"PINWHEEL_REGISTRY": "", "PINWHEEL_CACHE_DIR": os.path.abspath("nothing")}):
        assert names(dict(env, **place)) == expected, place


@test
def the_registry_is_in_the_cache_folder_unless_it_is_said_where():
    put(build("alpha"), "plugins/alpha.so")
    env = environ("plugins", PINWHEEL_REGISTRY="", PINWHEEL_CACHE_DIR="", XDG_CACHE_HOME=os.path.abspath("home"))
    names(env)
    assert os.listdir("home/pinwheel") == ["registry"]
    assert loaded(env)[0] == set()


@test
def many_processes_may_start_at_once():
    for name in ("alpha", "beta"):
        put(build(name), "plugins/%s.so" % name)
    env = environ("plugins")
    for _ in range(3):
        tasks = [subprocess.Popen(["pinwheel-inspect", "--names"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env=dict(os.environ, **env), text=True) for _ in range(12)]
        said = [task.communicate() for task in tasks]
        assert all(task.returncode == 0 for task in tasks)
        assert len(set(said)) == 1 and said[0][1] == "" and "beta" in said[0][0].split(), set(said)
        os.unlink("cache/registry")
    names(env)
    assert loaded(env)[0] == set()


try:
    main()
finally:
    shutil.rmtree(_scratch, ignore_errors=True)
