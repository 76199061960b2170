// The checks that the JavaScript packages @yume-chan/scrcpy and @yume-chan/adb-scrcpy make of the server that the phone
// plays, through an adb server: node scrcpy.mjs forward|reverse SERVER_PORT SERIAL. Prints one JSON object for each.

import assert from "node:assert/strict";
import { AdbServerClient } from "@yume-chan/adb";
import { AdbScrcpyClient, AdbScrcpyOptions3_3_3 } from "@yume-chan/adb-scrcpy";
import { AdbServerNodeTcpConnector } from "@yume-chan/adb-server-node-tcp";
import {
    AndroidKeyCode,
    AndroidKeyEventAction,
    AndroidKeyEventMeta,
    AndroidMotionEventAction,
    ScrcpyPointerId,
    ScrcpyVideoCodecId,
} from "@yume-chan/scrcpy";
import { ReadableStream } from "@yume-chan/stream-extra";

const [way, serverPort, serial] = process.argv.slice(2);
const PATIENCE = 30_000;
// The version whose server is played; these options are the same for it.
const VERSION = "3.3.4";
const JAR = `/data/local/tmp/scrcpy-${way}.jar`;

const server = new AdbServerClient(new AdbServerNodeTcpConnector({ host: "127.0.0.1", port: Number(serverPort) }));
let phone;
let client;
let video;
const packets = [];

async function output(command) {
    const answer = await phone.subprocess.shellProtocol.spawnWaitText(command);
    assert.equal(answer.exitCode, 0, `${command}: ${answer.stderr}`);
    return answer.stdout;
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function eventually(condition, what) {
    for (const end = Date.now() + PATIENCE; !(await condition()); await pause(20))
        assert.ok(Date.now() < end, `not within ${PATIENCE} ms: ${what}`);
}

/** The middle of what has this text, in pixels. */
async function place(text) {
    const tree = await output("uiautomator dump /sdcard/scrcpy.xml > /dev/null; cat /sdcard/scrcpy.xml");
    const node = tree.split("<node").find((part) => part.includes(`text="${text}"`));
    assert.ok(node, `${text} is not on the screen`);
    const [left, top, right, bottom] = /bounds="\[(\d+),(\d+)\]\[(\d+),(\d+)\]"/.exec(node).slice(1).map(Number);
    return { pointerX: Math.round((left + right) / 2), pointerY: Math.round((top + bottom) / 2) };
}

async function touch(at) {
    for (const [action, pressure] of [[AndroidMotionEventAction.Down, 1], [AndroidMotionEventAction.Up, 0]]) {
        await client.controller.injectTouch({
            ...at,
            action,
            pressure,
            pointerId: ScrcpyPointerId.Finger,
            videoWidth: video.width,
            videoHeight: video.height,
            actionButton: 0,
            buttons: 0,
        });
    }
}

async function press(keyCode, metaState = AndroidKeyEventMeta.None) {
    for (const action of [AndroidKeyEventAction.Down, AndroidKeyEventAction.Up])
        await client.controller.injectKeyCode({ action, keyCode, repeat: 0, metaState });
}

const keyFrames = () => packets.filter((packet) => packet.type === "data" && packet.keyframe);

const checks = {
    async "push the server"() {
        phone = await server.createAdb({ serial });
        const jar = new Uint8Array(1000).fill(7);
        const file = new ReadableStream({ start(controller) { controller.enqueue(jar); controller.close(); } });
        await AdbScrcpyClient.pushServer(phone, file, JAR);
        await output("am start -W -a android.settings.SETTINGS");
    },
    async "start the server"() {
        const wanted = { tunnelForward: way === "forward", audio: true, scid: way === "forward" ? "0000abcd" : "0000abce" };
        const options = new AdbScrcpyOptions3_3_3(wanted, { version: VERSION });
        client = await AdbScrcpyClient.start(phone, JAR, options);
        // What nobody reads stands in the way of what comes behind it.
        client.output.pipeTo(new WritableStream()).catch(() => {});
        client.clipboard?.pipeTo(new WritableStream()).catch(() => {});
    },
    async "audio is refused"() {
        assert.equal((await client.audioStream).type, "disabled");
    },
    async "video metadata"() {
        video = await client.videoStream;
        assert.equal(video.metadata.codec, ScrcpyVideoCodecId.H264);
        assert.deepEqual([video.metadata.width, video.metadata.height], [1080, 2400]);
        assert.ok(video.metadata.deviceName);
    },
    async "configuration and key frame"() {
        const keep = new WritableStream({ write(packet) { packets.push(packet); } });
        video.stream.pipeTo(keep).catch(() => {});
        await eventually(() => packets.length >= 2, "two packets");
        assert.equal(packets[0].type, "configuration");
        assert.deepEqual([video.width, video.height], [1080, 2400]);
        assert.equal(packets[1].keyframe, true);
    },
    async "reset the video"() {
        const before = keyFrames().length;
        await client.controller.resetVideo();
        await eventually(() => keyFrames().length > before, "a further key frame");
    },
    async "a tap shows"() {
        const before = packets.length;
        await touch(await place("Display"));
        await eventually(async () => (await output("dumpsys window")).includes("Display"), "the page on top");
        await eventually(() => packets.length > before, "a packet that shows it");
    },
    async "a key shows"() {
        await press(AndroidKeyCode.AndroidHome);
        await eventually(async () => /mCurrentFocus=.*launcher/.test(await output("dumpsys window")), "the home screen");
    },
    async "typing and pasting"() {
        await output("am start -W -a android.intent.action.INSERT -t vnd.android.cursor.dir/contact");
        await touch(await place("First name"));
        await client.controller.injectText("plain");
        await press(AndroidKeyCode.KeyA, AndroidKeyEventMeta.Ctrl);
        await client.controller.setClipboard({ content: "Zoë", sequence: 1n, paste: true });
        await place("Zoë");
    },
    async "a screen that turns"() {
        await client.controller.rotateDevice();
        await eventually(() => video.width === 2400 && video.height === 1080, "a video that lies on its side");
        await client.controller.rotateDevice();
        await eventually(() => video.width === 1080, "a video that stands");
    },
    async "the server ends"() {
        await client.close();
        await client.exited;
    },
    async "another version is refused"() {
        await phone.subprocess.noneProtocol.spawnWait(`echo jar > ${JAR}`);
        const options = new AdbScrcpyOptions3_3_3({ tunnelForward: true, scid: "0000abcf" }, { version: "3.3.3" });
        await assert.rejects(AdbScrcpyClient.start(phone, JAR, options), (error) => {
            assert.match(error.output.join("\n"), /The server version \(3\.3\.4\) does not match the client \(3\.3\.3\)/);
            return true;
        });
    },
};

// What the library still reads when the server ends is waited for by nobody.
process.on("unhandledRejection", () => {});

for (const [check, work] of Object.entries(checks)) {
    const late = new Promise((_, fail) => {
        setTimeout(() => fail(new Error(`still running after ${PATIENCE} ms`)), PATIENCE).unref();
    });
    const failure = await Promise.race([work(), late]).then(() => undefined, (error) => String(error?.stack ?? error));
    console.log(JSON.stringify({ check, failure }));
    if (!client && check !== "push the server") break;
}
process.exit(0);
