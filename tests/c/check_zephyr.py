"""Reads the module as Zephyr does: module.yml by its documented keys, Kconfig by Zephyr's own parser, CMakeLists.txt by CMake with the two
functions of Zephyr that it calls, which print what they are given."""

import os
import subprocess
import sys

import kconfiglib
import yaml

MODULE, OUT = sys.argv[1:]
with open(os.path.join(MODULE, "zephyr/module.yml"), encoding="utf-8") as file:
    module = yaml.safe_load(file)
assert set(module) == {"name", "build"} and module["name"] == "polyak"
assert set(module["build"]) == {"cmake", "kconfig"}
folder, kconfig = (os.path.join(MODULE, module["build"][key]) for key in ("cmake", "kconfig"))

top = os.path.join(OUT, "Kconfig")
with open(top, "w", encoding="utf-8") as file:
    file.write(f'config CPU_CORTEX_M\n\tbool "a Cortex-M"\nsource "{kconfig}"\n')
symbols = kconfiglib.Kconfig(top, warn_to_stderr=False)
assert not symbols.warnings, symbols.warnings
symbols.syms["POLYAK"].set_value("y")
assert symbols.syms["POLYAK"].str_value == "n", "it depends on a Cortex-M"
symbols.syms["CPU_CORTEX_M"].set_value("y")
assert symbols.syms["POLYAK"].str_value == "y"

SCRIPT = """
function(zephyr_include_directories)
  message("include ${ARGV}")
endfunction()
function(zephyr_library_import name archive)
  message("import ${name} ${archive}")
endfunction()
include(${module}/CMakeLists.txt)
"""
script = os.path.join(OUT, "zephyr.cmake")
with open(script, "w", encoding="utf-8") as file:
    file.write(SCRIPT)


def run(*options):
    """Paths that are included and imported with the options set, or None if CMake stops."""
    definitions = [f"-DCONFIG_{option}=y" for option in options]
    command = ["cmake", *definitions, f"-Dmodule={folder}", "-P", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return dict(line.split(" ", 1) for line in done.stderr.splitlines()) if done.returncode == 0 else None


def archive(*options):
    """The archive for a processor."""
    found = run("POLYAK", *options)
    assert os.path.isfile(os.path.join(found["include"], "polyak.h"))
    name, path = found["import"].split(" ")
    assert name == "polyak" and os.path.isfile(path), path
    return os.path.basename(os.path.dirname(path))


assert run("CPU_CORTEX_M4") == {}
assert archive("CPU_CORTEX_M0PLUS") == "cortex-m0plus"
assert archive("CPU_CORTEX_M3") == "cortex-m3"
assert archive("CPU_CORTEX_M4") == "cortex-m4"
assert archive("CPU_CORTEX_M4", "FP_SOFTABI") == "cortex-m4-softfp"
assert archive("CPU_CORTEX_M4", "FP_HARDABI") == "cortex-m4-hard"
assert archive("CPU_CORTEX_M7", "FP_HARDABI") == "cortex-m4-hard"
assert archive("CPU_CORTEX_M33", "FP_HARDABI") == "cortex-m33-hard"
assert run("POLYAK", "CPU_CORTEX_M33", "FP_SOFTABI") is None
assert run("POLYAK", "CPU_CORTEX_A53") is None
