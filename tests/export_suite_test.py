"""`android/export_suite.py` with a stand-in for the benchmark's package: `python3 tests/export_suite_test.py`."""

import dataclasses
import importlib.util
import io
import json
import pathlib
import random
import sys
import types
import unittest

SCRIPT = pathlib.Path(__file__).parent.parent / "android" / "export_suite.py"


@dataclasses.dataclass(frozen=True)
class Expense:
    name: str
    amount: int
    created_date: int
    expense_id: int = -1


class Picture:
    size = (500, 500)

    def getpixel(self, _place):
        return 0


class Number:
    """As the numbers of an array are."""

    def item(self):
        return 7


class AddExpense:
    def __init__(self, params):
        self.params = params

    @property
    def goal(self):
        # As goals do that put something among the parameters.
        self.params["day_of_week"] = "Friday"
        return f"Enter {self.params['row_objects'][0].name}."


class Transcribe:
    goal = "Write down the receipt."

    def __init__(self, params):
        self.img = params.pop("img")
        self.params = params


class InformationRetrieval:
    """A question, as the benchmark's are: a template with parameters, and a state that is filled in at the start."""

    def __init__(self, params):
        self.params = params
        self.task = {"notes": ["{person} on {day}"]}

    @property
    def goal(self):
        return "Whom does {person} meet on {day}?".format(**self.params)


def initialize_proto(task, params):
    task["notes"] = [note.format(**params) for note in task["notes"]]
    params["note"] = params["note"].format(**params)
    # The state is filled in by chance.
    random.choice(range(10))


def _maybe_replace_date(params):
    params["day"] = random.choice(["tomorrow", "Monday", "this Monday", "October 16", params["day"]])


def create_suite(family, n_task_combinations, seed, tasks):
    rows = [Expense("Café", 1250, 1_697_000_000_000)]
    text = "Date, Item, Amount\n2023-02-03, Socks, $12.05"
    suite = {
        "ExpenseAddSingle": [
            AddExpense({"row_objects": rows, "count": Number(), "pair": (1, 2.5), "seed": seed + i})
            for i in range(n_task_combinations)
        ],
        "SimpleCalendarNextMeetingWithPerson": [
            InformationRetrieval(
                {"person": "Ada", "day": "October 16 2023", "note": "See {person}.", "seed": seed + i}
            )
            for i in range(n_task_combinations)
        ],
        "MarkorTranscribeReceipt": [Transcribe({"img": Picture(), "text": text, "seed": None})],
    }
    assert family == ["the family android_world"]
    return {name: suite[name] for name in suite if not tasks or name in tasks}


class TaskRegistry:
    ANDROID_WORLD_FAMILY = "android_world"

    def get_registry(self, family):
        return [f"the family {family}"]


class ExportTest(unittest.TestCase):
    def setUp(self):
        package = types.ModuleType("android_world")
        package.registry = types.SimpleNamespace(TaskRegistry=TaskRegistry)
        package.suite_utils = types.SimpleNamespace(create_suite=create_suite)
        question = types.SimpleNamespace(
            information_retrieval=types.SimpleNamespace(
                InformationRetrieval=InformationRetrieval, _maybe_replace_date=_maybe_replace_date
            ),
            proto_utils=types.SimpleNamespace(initialize_proto=initialize_proto),
        )
        self.modules = {
            "android_world": package,
            "android_world.task_evals": types.ModuleType("task_evals"),
            "android_world.task_evals.information_retrieval": question,
        }
        sys.modules.update(self.modules)
        spec = importlib.util.spec_from_file_location("export_suite", SCRIPT)
        self.script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.script)

    def tearDown(self):
        for name in self.modules:
            del sys.modules[name]

    def export(self, tasks=None, combinations=2):
        out = io.StringIO()
        count = self.script.export(out, 30, combinations, tasks)
        lines = [json.loads(line) for line in out.getvalue().splitlines()]
        self.assertEqual(len(lines), count)
        return lines

    def test_rows_are_objects_and_the_seed_stands_apart(self):
        first, second = self.export(["ExpenseAddSingle"])
        self.assertEqual((first["seed"], second["seed"]), (30, 31))
        self.assertEqual(first["goal"], "Enter Café.")
        row = {"name": "Café", "amount": 1250, "created_date": 1_697_000_000_000, "expense_id": -1}
        wanted = {"row_objects": [row], "count": 7, "pair": [1, 2.5], "day_of_week": "Friday"}
        self.assertEqual(first["params"], wanted)

    def test_questions_are_worded_as_at_their_start(self):
        name = "SimpleCalendarNextMeetingWithPerson"
        random.seed(1)
        state = random.getstate()
        lines = self.export([name], 20)
        self.assertEqual(random.getstate(), state)
        self.assertGreater(len({line["goal"] for line in lines}), 3)
        for line in lines:
            # What the question looks for keeps its date.
            wanted = {"person": "Ada", "day": "October 16 2023", "note": "See {person}."}
            self.assertEqual(line["params"], wanted)
            # The package's own start, of the same seed.
            task = InformationRetrieval(dict(wanted))
            random.seed(line["seed"])
            initialize_proto(task.task, task.params)
            _maybe_replace_date(task.params)
            self.assertEqual(line["goal"], task.goal)

    def test_a_question_is_not_touched(self):
        task = InformationRetrieval({"person": "Ada", "day": "May 1", "note": "{day}", "seed": None})
        before = dict(task.params)
        self.script.line("SimpleCalendarNextMeetingWithPerson", task)
        self.assertEqual((task.params, task.task), (before, {"notes": ["{person} on {day}"]}))

    def test_a_picture_becomes_what_it_shows(self):
        receipt = self.export()[-1]
        self.assertEqual(receipt["seed"], 0)
        bought = [{"date": "2023-02-03", "item": "Socks", "amount": 1205}]
        self.assertEqual(receipt["params"]["img"]["transactions"], bought)

    def test_what_json_does_not_have_is_named(self):
        with self.assertRaisesRegex(TypeError, r"Task\.a\[0\]: a object"):
            self.script.plain({"a": [object()]}, "Task")


if __name__ == "__main__":
    unittest.main()
