"""Packs the library with PlatformIO's own packer, which checks its manifest, and runs the package's script as PlatformIO does, in the
library's folder, for boards of each kind."""

import os
import sys
import tarfile

from platformio.package.manifest.schema import ManifestSchema
from platformio.package.pack import PackagePacker

LIBRARY, OUT = sys.argv[1:]
# PlatformIO would fetch the list of licences from the network; these two are on it.
ManifestSchema.load_spdx_licenses = staticmethod(
    lambda: {"licenses": [{"licenseId": "MIT"}, {"licenseId": "Apache-2.0"}]})
with tarfile.open(PackagePacker(LIBRARY).pack(OUT)) as packed:
    names = set(packed.getnames())
assert {"library.json", "choose.py", "include/polyak.h", "lib/cortex-m4-softfp/libpolyak.a"} <= names, names

os.chdir(LIBRARY)
SCRIPT = open("choose.py", encoding="utf-8").read()


class Board(dict):
    """What PlatformIO knows of a board."""


class Environment(dict):
    """The part of SCons's environment that the script uses."""

    def BoardConfig(self):
        return Board({"build.cpu": self["cpu"]})

    def Append(self, **values):
        for name, value in values.items():
            self[name] = self.get(name, []) + value


def chosen(cpu, *flags):
    """The folder that is linked for a board."""
    environment = Environment(cpu=cpu, CCFLAGS=list(flags))
    exec(SCRIPT, {"Import": lambda name: None, "env": environment})  # pylint: disable=exec-used
    assert environment["LIBS"] == ["polyak"]
    (folder,) = environment["LIBPATH"]
    assert os.path.isfile(os.path.join(folder, "libpolyak.a")), folder
    return os.path.basename(folder)


assert chosen("cortex-m0plus") == "cortex-m0plus"
assert chosen("cortex-m3", "-mthumb") == "cortex-m3"
assert chosen("cortex-m4") == "cortex-m4"
assert chosen("", "-mcpu=cortex-m4", "-mfloat-abi=softfp") == "cortex-m4-softfp"
assert chosen("cortex-m4", "-mfloat-abi=hard") == "cortex-m4-hard"
assert chosen("cortex-m7", "-mfloat-abi=hard") == "cortex-m4-hard"
assert chosen("cortex-m33", "-mfloat-abi=hard") == "cortex-m33-hard"
try:
    chosen("esp32")
except SystemExit as refused:
    assert "esp32" in str(refused)
else:
    raise AssertionError("a processor without an archive was not refused")
