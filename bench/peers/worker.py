"""One peer in a process of its own: `worker.py PEER THREADS` answers a JSON request a line.

{"job": NAME, "steps": K, "trajectories": n} -> {"seconds": s, "mean": [...], "variance": [...]}. The first request of a
kind compiles and warms up before its clock starts.
"""

import json
import os
import sys
import time


def main():
    peer, threads = sys.argv[1], int(sys.argv[2])
    # Before any import: libraries size their pools by what they may run on.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[variable] = str(threads)
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""

    import importlib

    from jobs import JOBS

    module = importlib.import_module(f"peer_{peer}")
    # What libraries print goes to standard error; standard output is the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps({"name": module.NAME, "version": module.VERSION}), file=answers, flush=True)
    prepared = {}
    for line in sys.stdin:
        request = json.loads(line)
        key = request["job"], request["steps"], request["trajectories"]
        if key not in prepared:
            job = JOBS[request["job"]].shortened(request["steps"])
            prepared[key] = module.prepare(job, request["trajectories"], threads)
            if request.get("warm_up", True):
                prepared[key]()
        start = time.perf_counter()
        x = prepared[key]()
        seconds = time.perf_counter() - start
        mean, variance = x.mean(axis=0, dtype=float), x.var(axis=0, dtype=float, ddof=1)
        answer = dict(seconds=seconds, trajectories=len(x), mean=mean.tolist(), variance=variance.tolist())
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
