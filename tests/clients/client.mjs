// The checks that the JavaScript package @yume-chan/adb makes, through an adb server or straight to the
// phone: node client.mjs server|direct PHONE_PORT SERVER_PORT SERIAL. Prints one JSON object for each.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import {
    Adb,
    AdbDaemonTransport,
    AdbPacket,
    AdbPacketSerializeStream,
    AdbServerClient,
    encodeUtf8,
} from "@yume-chan/adb";
import { AdbServerNodeTcpConnector } from "@yume-chan/adb-server-node-tcp";
import { Consumable, ReadableStream, StructDeserializeStream } from "@yume-chan/stream-extra";

const [way, phonePort, serverPort, serial] = process.argv.slice(2);
const HOME = `/data/local/tmp/node-${way}`;
const PATIENCE = 30_000;

/** The transport that this client brings for devices that it reaches itself, over a plain socket. */
async function direct() {
    const socket = net.connect(Number(phonePort), "127.0.0.1");
    await once(socket, "connect");
    socket.setNoDelay(true);
    const incoming = new ReadableStream({
        start(controller) {
            socket.on("data", (data) => controller.enqueue(new Uint8Array(data)));
            socket.on("error", (error) => controller.error(error));
            socket.on("end", () => { try { controller.close(); } catch { /* it has failed before */ } });
        },
    });
    const outgoing = new Consumable.WritableStream({
        write: (chunk) => new Promise((done, fail) => socket.write(chunk, (error) => (error ? fail(error) : done()))),
        close: () => void socket.end(),
    });
    const packets = new AdbPacketSerializeStream();
    packets.readable.pipeTo(outgoing).catch(() => {});
    const connection = {
        readable: incoming.pipeThrough(new StructDeserializeStream(AdbPacket)),
        writable: packets.writable,
    };
    // The phone asks for no key, so an empty store will do.
    const credentialStore = { generateKey() { throw new Error("the phone asks for a key"); }, *iterateKeys() {} };
    return new Adb(await AdbDaemonTransport.authenticate({ serial, connection, credentialStore }));
}

const server = new AdbServerClient(new AdbServerNodeTcpConnector({ host: "127.0.0.1", port: Number(serverPort) }));

/** Waits until the phone answers, whatever it was doing before. */
async function connect() {
    const end = Date.now() + PATIENCE;
    for (;;) {
        try {
            if (way === "direct") return await direct();
            // A phone that went away is known as offline until it is named anew.
            await server.wireless.connect(serial).catch(() => {});
            const found = await server.createAdb({ serial });
            assert.equal(await found.getProp("sys.boot_completed"), "1");
            return found;
        } catch (error) {
            if (Date.now() > end) throw error;
            await server.wireless.disconnect(serial).catch(() => {});
            await pause(100);
        }
    }
}

// A phone that reboots breaks what the library itself still sends or reads, which nobody waits for; what a
// check waits for fails that check.
process.on("unhandledRejection", () => {});

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
let phone;
const shell = (command) => phone.subprocess.shellProtocol.spawnWaitText(command);

async function output(command) {
    const answer = await shell(command);
    assert.equal(answer.exitCode, 0, `${command}: ${answer.stderr}`);
    return answer.stdout;
}

async function bytes(readable) {
    const chunks = [];
    for await (const chunk of readable) chunks.push(chunk);
    return Buffer.concat(chunks);
}

const stream = (data) => new ReadableStream({ start(controller) { controller.enqueue(data); controller.close(); } });

async function withSync(work) {
    const sync = await phone.sync();
    try {
        return await work(sync);
    } finally {
        await sync.dispose();
    }
}

async function send(socket, data) {
    const writer = socket.writable.getWriter();
    for (let at = 0; at < data.length; at += 65536) await writer.write(data.subarray(at, at + 65536));
    writer.releaseLock();
}

const picture = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 31 + (index >> 8)) & 255));

async function installed(service, data) {
    const socket = await phone.createSocket(service);
    await send(socket, data);
    return (await bytes(socket.readable)).toString();
}

const checks = {
    async devices() {
        phone = await connect();
        if (way === "server") assert.ok((await server.getDevices()).some((device) => device.serial === serial));
        assert.ok(phone.banner.model);
    },
    async "wait for device"() {
        if (way === "server") await server.waitFor({ serial }, "device");
    },
    async features() {
        for (const feature of ["shell_v2", "cmd", "stat_v2", "ls_v2", "abb_exec"])
            assert.ok(phone.deviceFeatures.includes(feature), feature);
    },
    async getprop() {
        assert.equal(await phone.getProp("sys.boot_completed"), "1");
    },
    async "exit codes"() {
        for (const code of [0, 1, 7, 255]) assert.equal((await shell(`exit ${code}`)).exitCode, code);
    },
    async "stdout and stderr"() {
        assert.deepEqual({ ...(await shell("echo out; echo err >&2; exit 3")) }, {
            stdout: "out\n", stderr: "err\n", exitCode: 3,
        });
    },
    async stdin() {
        const child = await phone.subprocess.shellProtocol.spawn("cat");
        const writer = child.stdin.getWriter();
        const came = bytes(child.stdout);
        await writer.write(encodeUtf8("from stdin\n"));
        await writer.close();
        assert.equal((await came).toString(), "from stdin\n");
        assert.equal(await child.exited, 0);
    },
    async "exec out"() {
        const answer = await phone.subprocess.noneProtocol.spawnWait("printf 'a\\0b\\r\\n'");
        assert.deepEqual(Buffer.from(answer), Buffer.from("a\0b\r\n"));
    },
    async push() {
        await output(`rm -rf ${HOME}; mkdir -p ${HOME}`);
        const options = { filename: `${HOME}/one.bin`, permission: 0o640, mtime: 1_500_000_000 };
        await withSync((sync) => sync.write({ ...options, file: stream(new Uint8Array(picture)) }));
    },
    async pull() {
        assert.ok(picture.equals(await withSync((sync) => bytes(sync.read(`${HOME}/one.bin`)))));
    },
    async "modes and times"() {
        const known = await withSync((sync) => sync.stat(`${HOME}/one.bin`));
        assert.deepEqual([known.permission, known.mtime, known.size], [0o640, 1_500_000_000n, 3_000_000n]);
        assert.ok(await withSync((sync) => sync.isDirectory(HOME)));
    },
    async "list folder"() {
        await output(`mkdir -p ${HOME}/tree/deep; echo -n 12345 > ${HOME}/tree/a.txt`);
        const listed = await withSync((sync) => sync.readdir(`${HOME}/tree`));
        assert.deepEqual(listed.map((entry) => entry.name).sort(), [".", "..", "a.txt", "deep"]);
        assert.equal(listed.find((entry) => entry.name === "a.txt").size, 5n);
    },
    async "missing file"() {
        await assert.rejects(withSync((sync) => sync.stat(`${HOME}/none`)));
        await assert.rejects(withSync((sync) => bytes(sync.read(`${HOME}/none`))), /No such file or directory/);
    },
    async "install streamed"() {
        const apk = Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(200_000)]);
        assert.match(await installed(`abb_exec:package\0install\0-r\0-S\0${apk.length}`, apk), /Success/);
        assert.match(await installed(`exec:cmd package install -r -S ${apk.length}`, apk), /Success/);
    },
    async "install pushed"() {
        await output(`printf 'PK\\003\\004and more' > ${HOME}/app.apk`);
        assert.match(await output(`pm install -r ${HOME}/app.apk`), /Success/);
    },
    async "install of no package"() {
        const answer = await installed("abb_exec:package\0install\0-S\0" + 10, Buffer.from("no archive"));
        assert.match(answer, /INSTALL_PARSE_FAILED_NOT_APK/);
    },
    async forward() {
        const port = way === "server" ? 7401 : 7403;
        const listening = phone.subprocess.noneProtocol.spawnWait(`echo from the phone | nc -l -p ${port}`);
        for (const end = Date.now() + PATIENCE; ; ) {
            const heard = phone.createSocket(`tcp:${port}`).then((socket) => bytes(socket.readable));
            const answer = await heard.catch(() => "");
            if (answer.toString() === "from the phone\n") break;
            assert.ok(Date.now() < end, `the listener answered ${answer}`);
            await pause(50);
        }
        await listening;
    },
    async reverse() {
        const port = way === "server" ? 7402 : 7404;
        const answer = async (socket) => {
            const reader = socket.readable.getReader();
            const { value } = await reader.read();
            reader.releaseLock();
            await send(socket, value);
            await socket.close();
        };
        // The stream is accepted only once this function is over.
        await phone.reverse.add(`tcp:${port}`, (socket) => void answer(socket));
        assert.ok((await phone.reverse.list()).some((tunnel) => tunnel.localName === `tcp:${port}`));
        assert.equal(await output(`echo ping | nc 127.0.0.1 ${port}`), "ping\n");
        await phone.reverse.remove(`tcp:${port}`);
        await assert.rejects(phone.reverse.remove(`tcp:${port}`));
        assert.equal((await phone.reverse.list()).length, 0);
    },
    async logcat() {
        await output("log -t conformance from node");
        assert.match(await output("logcat -d"), /conformance: from node/);
    },
    async screencap() {
        const png = Buffer.from(await phone.subprocess.noneProtocol.spawnWait("screencap -p"));
        assert.equal(png.subarray(1, 4).toString(), "PNG");
        assert.equal(png.subarray(-8, -4).toString(), "IEND");
    },
    async framebuffer() {
        const frame = await phone.framebuffer();
        assert.equal(frame.data.length, frame.width * frame.height * 4);
    },
    async "window dump"() {
        assert.match(await output("uiautomator dump /sdcard/n.xml"), /UI hierchary dumped to: \/sdcard\/n.xml/);
        assert.match((await withSync((sync) => bytes(sync.read("/sdcard/n.xml")))).toString(), /<\/hierarchy>/);
    },
    async "input events"() {
        await output("am start -W -a android.settings.SETTINGS");
        assert.match(await output("dumpsys window"), /mCurrentFocus=.*com\.android\.settings/);
        await output("input keyevent KEYCODE_HOME");
        assert.match(await output("dumpsys window"), /mCurrentFocus=.*nexuslauncher/);
    },
    async sqlite3() {
        const script = "create table t(a); insert into t values(7); select * from t;";
        assert.equal(await output(`sqlite3 ${HOME}/x.db "${script}"`), "7\n");
    },
    async "screenrecord refused"() {
        const answer = await shell("screenrecord /sdcard/film.mp4");
        assert.equal(answer.exitCode, 127);
        assert.match(answer.stderr, /screenrecord: inaccessible or not found/);
    },
    async "many at once"() {
        const answers = await Promise.all(Array.from({ length: 16 }, (_, index) => output(`sleep 0.2; echo ${index}`)));
        assert.deepEqual(answers, Array.from({ length: 16 }, (_, index) => `${index}\n`));
    },
    async root() {
        assert.equal((await phone.createSocketAndWait("root:")).trim(), "adbd is already running as root");
    },
    async "reboot and reconnect"() {
        const boots = Number(await output("settings get global boot_count"));
        await phone.power.reboot().catch(() => {});
        for (const end = Date.now() + PATIENCE; ; ) {
            phone = await connect();
            const now = await output("settings get global boot_count").catch(() => "");
            if (Number(now) === boots + 1) return;
            assert.ok(Date.now() < end, `the boot count is ${now} after ${boots}`);
            await pause(100);
        }
    },
};

for (const [check, work] of Object.entries(checks)) {
    const late = new Promise((_, fail) => {
        setTimeout(() => fail(new Error(`still running after ${PATIENCE} ms`)), PATIENCE).unref();
    });
    const failure = await Promise.race([work(), late]).then(() => undefined, (error) => String(error?.stack ?? error));
    console.log(JSON.stringify({ check, failure }));
    if (!phone) break;
}
process.exit(0);
