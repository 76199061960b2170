#!/usr/bin/env python3
"""Writes a suite of AndroidWorld as JSON lines: {"task", "params", "seed", "goal"}.

Run it where the `android_world` package is installed; it needs no device. What it writes is for
`stepdroid eval --instances FILE`. docs/tasks.md says what is and is not the same afterwards.
"""

import argparse
import copy
import dataclasses
import enum
import json
import random
import re
import sys

RECEIPT_LINE = re.compile(r"(\d{4}-\d\d-\d\d), (.+), \$(\d+)\.(\d\d)")


def receipt(text):
    """What a picture of a receipt shows, from the text that must be written down about it.

    Without such a text only the picture's name matters to its task.
    """
    purchases = []
    for line in (text or "").splitlines():
        found = RECEIPT_LINE.fullmatch(line.strip())
        if found:
            date, item, whole, rest = found.groups()
            purchases.append(
                {"date": date, "item": item, "amount": int(whole) * 100 + int(rest)}
            )
    return {"company": "", "slogan": "", "transactions": purchases}


def is_picture(value):
    """Whether a value is a bitmap of whatever version of Pillow."""
    return hasattr(value, "getpixel") and hasattr(value, "size")


def plain(value, where):
    """A value as JSON has it: rows as objects, tuples as lists, numbers of arrays as numbers."""
    if isinstance(value, enum.Enum):
        return plain(value.value, where)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: plain(getattr(value, field.name), where) for field in fields}
    if isinstance(value, dict):
        return {str(key): plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value) if isinstance(value, (set, frozenset)) else value
        return [plain(item, f"{where}[{index}]") for index, item in enumerate(items)]
    if hasattr(value, "item"):
        return plain(value.item(), where)
    raise TypeError(f"{where}: a {type(value).__name__} cannot be written as JSON")


def asked(task):
    """The goal as an agent of the benchmark gets it.

    Questions word their dates anew ("tomorrow") when the task is initialized, from its seed, and what they look for
    keeps the date. Initializing needs a device; this does the part of it that the wording comes from, in the same
    order, and puts the task back.
    """
    from android_world.task_evals.information_retrieval import information_retrieval, proto_utils

    if not isinstance(task, information_retrieval.InformationRetrieval):
        return task.goal
    before, seed, state = dict(task.params), task.params.get("seed"), random.getstate()
    if seed is not None:
        random.seed(seed)
    try:
        # Filling in the state takes from the generator too, before the dates do.
        proto_utils.initialize_proto(copy.deepcopy(task.task), task.params)
        information_retrieval._maybe_replace_date(task.params)
        return task.goal
    finally:
        task.params.clear()
        task.params.update(before)
        random.setstate(state)


def line(name, task):
    """One instance as an object."""
    # First: some goals put what they are made of among the parameters.
    goal = asked(task)
    params = dict(task.params)
    seed = params.pop("seed", None)
    # One task takes its picture out of the parameters.
    if "img" not in params and hasattr(task, "img"):
        params["img"] = task.img
    for key, value in params.items():
        if is_picture(value):
            params[key] = receipt(params.get("text"))
    return {
        "task": name,
        "params": plain(params, name),
        "seed": 0 if seed is None else int(seed),
        "goal": goal,
    }


def export(out, seed, combinations, tasks):
    """Writes the suite and returns how many instances it has."""
    from android_world import registry, suite_utils

    known = registry.TaskRegistry()
    family = known.get_registry(registry.TaskRegistry.ANDROID_WORLD_FAMILY)
    suite = suite_utils.create_suite(
        family, n_task_combinations=combinations, seed=seed, tasks=tasks or None
    )
    count = 0
    for name, instances in suite.items():
        for task in instances:
            out.write(json.dumps(line(name, task), ensure_ascii=False) + "\n")
            count += 1
    return count


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=30, help="the suite's seed (30)")
    parser.add_argument("--combinations", type=int, default=1, help="instances of each task (1)")
    parser.add_argument("--tasks", nargs="*", metavar="NAME", help="only these tasks")
    parser.add_argument("--out", metavar="FILE", required=True, help="the file to write")
    given = parser.parse_args(arguments)
    try:
        with open(given.out, "w", encoding="utf-8") as out:
            count = export(out, given.seed, given.combinations, given.tasks)
    except ImportError as error:
        sys.exit(f"{error}: run this with the Python that has android_world installed")
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"the suite cannot be exported: {error}")
    print(f"{count} instances in {given.out}")


if __name__ == "__main__":
    main()
