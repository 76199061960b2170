"""The checks that the Python package uiautomator2 makes, through an adb server, with the server for the device that it
brings along (its u2.jar)."""

import time

import adbutils
import uiautomator2

from bench import eventually, has, same

CONTACTS = "com.google.android.contacts"
SETTINGS = "com.android.settings"
FIRST_NAME = {"className": "android.widget.EditText", "instance": 0}
DUMP = "uiautomator dump /dev/tty"


def checks(bench):
    bench.connect()
    wire = adbutils.AdbClient("127.0.0.1", bench.server_port).device(bench.serial)
    held = {}

    def phone():
        if "phone" not in held:
            held["phone"] = uiautomator2.connect(wire)
        return held["phone"]

    def connect():
        same(phone().jsonrpc.ping(), "pong")

    def pushed_once():
        before = wire.sync.stat("/data/local/tmp/u2.jar").mtime
        phone().start_uiautomator()
        same(wire.sync.stat("/data/local/tmp/u2.jar").mtime, before)

    def info():
        told = phone().info
        same((told["displayWidth"], told["displayHeight"], told["sdkInt"]), (1080, 2400, 33))
        same((told["screenOn"], told["displayRotation"], told["naturalOrientation"]), (True, 0, True))

    def window_size():
        same(tuple(phone().window_size()), (1080, 2400))

    def screenshot():
        picture = phone().screenshot()
        same((picture.size, picture.format), ((1080, 2400), "JPEG"))
        exact = wire.screenshot().convert("RGB").resize((54, 120))
        pairs = zip(picture.resize((54, 120)).tobytes(), exact.tobytes())
        same(max(abs(one - other) for one, other in pairs) < 40, True, "it shows what screencap shows")

    def app_start():
        phone().app_start(SETTINGS)
        eventually(lambda: phone().app_current()["package"] == SETTINGS, "the settings are in front")
        same(phone().app_wait(SETTINGS, timeout=5, front=True) > 0, True, "the process is known")

    def dump_hierarchy():
        xml = phone().dump_hierarchy()
        has(xml, f'package="{SETTINGS}"')
        has(phone().dump_hierarchy(pretty=True), "</hierarchy>")
        same(phone().dump_hierarchy(root_in_active=True).count("<node") > 5, True)
        same(phone().dump_hierarchy(max_depth=1).count("<node") < xml.count("<node"), True)

    def exists():
        same(bool(phone()(text="Network & internet").exists), True)
        same(bool(phone()(text="No such thing").exists), False)
        same(phone()(textContains="etwork").count > 0, True)

    def click_by_text():
        phone()(text="Network & internet").click(timeout=5)
        same(phone()(text="Airplane mode").wait(timeout=5), True)

    def xpath():
        same(phone().xpath('//*[@text="Airplane mode"]').exists, True)
        same(phone().xpath("Nothing here").exists, False)

    def press():
        phone().press("back")
        same(phone()(text="Airplane mode").wait_gone(timeout=5), True)
        phone().press("home")
        eventually(lambda: phone().app_current()["package"] != SETTINGS, "HOME leaves the settings")

    def missing():
        try:
            phone()(text="No such thing").click(timeout=0.1)
        except uiautomator2.exceptions.UiObjectNotFoundError as error:
            has(str(error), "No such thing")
        else:
            raise AssertionError("a click on nothing did not fail")

    def set_text():
        phone().shell(f"am start -a android.intent.action.INSERT -t vnd.android.cursor.dir/contact {CONTACTS}")
        field = phone()(**FIRST_NAME)
        same(field.wait(timeout=5), True)
        field.set_text("Zoë Ångström 日本 😀")
        same(field.get_text(), "Zoë Ångström 日本 😀")
        field.set_text("Ann")
        same((field.get_text(), field.info["focused"]), ("Ann", True))

    def send_keys():
        phone().send_keys(" Lee")
        same(phone()(**FIRST_NAME).get_text(), "Ann Lee")
        phone().press(67)
        phone().press(29, 1)
        same(phone()(**FIRST_NAME).get_text(), "Ann LeA")

    def clear_text():
        hint = phone()(**FIRST_NAME).info["text"]
        phone().jsonrpc.clearInputText()
        same(phone()(**FIRST_NAME).get_text() != hint, True)
        same("Ann" in phone()(**FIRST_NAME).get_text(), False)

    def clipboard():
        phone().clipboard = "Grüße"
        same(phone().clipboard, "Grüße")

    def swipe():
        phone().app_start(SETTINGS, stop=True)
        same(phone()(text="Network & internet").wait(timeout=5), True)
        before = phone().dump_hierarchy()
        phone().swipe(540, 1800, 540, 600, duration=0.3)
        same(phone().dump_hierarchy() != before, True, "the list has moved")
        phone().swipe(540, 600, 540, 1800, steps=60)
        same(phone()(text="Network & internet").wait(timeout=5), True)

    def drag():
        before = phone().dump_hierarchy()
        phone().drag(540, 1800, 540, 600, 0.3)
        same(phone().dump_hierarchy() != before, True, "the list has moved")

    def fingers():
        phone().app_start(SETTINGS, stop=True)
        same(phone()(text="Network & internet").wait(timeout=5), True)
        x, y = phone()(text="Network & internet").center()
        phone().touch.down(x, y).up(x, y)
        same(phone()(text="Airplane mode").wait(timeout=5), True)
        phone().press("home")

    def long_click():
        phone().long_click(540, 1200, 0.6)
        same(phone().jsonrpc.ping(), "pong")
        phone().press("home")

    def alone():
        answer = wire.shell2(DUMP)
        same((answer.returncode, "<hierarchy" in answer.output), (137, False))
        command = "CLASSPATH=/data/local/tmp/u2.jar app_process / com.wetest.uia2.Main"
        has(wire.shell2(command).output, "already registered")

    def restart_after_death():
        wire.shell("pkill -9 -f com.wetest.uia2.Main")
        same(phone()(textContains="No such thing").count, 0)
        same(phone().jsonrpc.ping(), "pong")

    def stop():
        phone().stop_uiautomator()
        has(wire.shell(DUMP), "<hierarchy")
        begin = time.monotonic()
        phone().start_uiautomator()
        has(phone().dump_hierarchy(), "<hierarchy")
        phone().stop_uiautomator()
        same(time.monotonic() - begin < 60, True)

    return [
        connect, pushed_once, info, window_size, screenshot, app_start, dump_hierarchy, exists, click_by_text, xpath,
        press, missing, set_text, send_keys, clear_text, clipboard, swipe, drag, fingers, long_click, alone,
        restart_after_death, stop,
    ]  # fmt: skip
