"""Links the archive that fits the board's processor and calling convention. PlatformIO runs it in the library's folder."""

import os

Import("env")  # noqa: F821 (SCons)

flags = [str(flag) for name in ("CCFLAGS", "LINKFLAGS") for flag in env.get(name, [])]  # noqa: F821
cpu = next((flag[6:] for flag in flags if flag.startswith("-mcpu=")), None)
cpu = cpu or env.BoardConfig().get("build.cpu", "")  # noqa: F821
abi = next((flag[12:] for flag in flags if flag.startswith("-mfloat-abi=")), "soft")
archives = {
    "cortex-m0": "cortex-m0plus",
    "cortex-m0plus": "cortex-m0plus",
    "cortex-m3": "cortex-m3",
    "cortex-m4": {"soft": "cortex-m4", "softfp": "cortex-m4-softfp", "hard": "cortex-m4-hard"}[abi],
}
archives["cortex-m7"] = archives["cortex-m4"]
if abi == "hard":
    archives["cortex-m33"] = "cortex-m33-hard"
if cpu not in archives:
    raise SystemExit(f"polyak: no archive for {cpu or 'this processor'}, -mfloat-abi={abi}; there are: {', '.join(archives)}")
env.Append(LIBPATH=[os.path.realpath(os.path.join("lib", archives[cpu]))], LIBS=["polyak"])  # noqa: F821
