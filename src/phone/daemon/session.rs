//! Shell sessions: `shell:` in both versions, `exec:`, `abb:`, `abb_exec:`. Each runs on a thread
//! of its own. Uses the phone's shell.

use std::io;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::runtime::Handle;

use super::connection::Connection;
use super::stream::{StreamReader, StreamWriter};
use crate::phone::machine::Machine;
use crate::phone::shell::streams::{Sink, Source};
use crate::phone::shell::{Input, Output, Shell, Streams};
use crate::phone::tools::{absent, android, running};
use crate::wire::shell_v2::{Kind, ShellPacket};

/// Output that is held back before it is sent.
const HELD: usize = 32 << 10;

/// What to run.
enum Job {
    /// A command line.
    Script(String),
    /// Words for `cmd`, already apart.
    Words(Vec<String>),
    /// A script on standard input, with a prompt on a terminal.
    Standard,
}

/// How a session talks.
pub struct Session {
    job: Job,
    /// Shell protocol version 2.
    framed: bool,
    /// A pseudo terminal: one output, carriage returns.
    terminal: bool,
    /// False leaves the exit packet out (fault injection).
    exit_packet: bool,
}

impl Session {
    /// Reads `shell,v2,TERM=xterm,raw` and what follows the colon.
    pub fn parse(kind: &str, argument: &str, exit_packet: bool) -> Session {
        let options: Vec<&str> = kind.split(',').collect();
        let job = match options[0] {
            "abb" | "abb_exec" => Job::Words(argument.split('\0').map(str::to_owned).collect()),
            _ if argument.is_empty() => Job::Standard,
            _ => Job::Script(argument.to_owned()),
        };
        let framed = options.contains(&"v2") || options[0] == "abb";
        let raw = options.contains(&"raw") || matches!(options[0], "exec" | "abb" | "abb_exec");
        // Unless the client says what it wants, only a shell without a command is a terminal's.
        let terminal = options.contains(&"pty") || (!raw && matches!(job, Job::Standard));
        Session {
            job,
            framed,
            terminal,
            exit_packet,
        }
    }
}

/// Runs a session to its end.
pub async fn run(
    connection: &Arc<Connection>,
    session: Session,
    reader: StreamReader,
    writer: StreamWriter,
) {
    let machine = connection.daemon.machine.clone();
    let handle = Handle::current();
    let task = tokio::task::spawn_blocking(move || {
        work(&machine, session, reader, &writer, &handle);
    });
    // A session that panicked has no exit packet, and so the client sees an error.
    let _ = task.await;
}

fn work(
    machine: &Arc<Machine>,
    session: Session,
    reader: StreamReader,
    writer: &StreamWriter,
    handle: &Handle,
) {
    let cancelled = writer.shared().cancelled.clone();
    let channel = Arc::new(std::sync::Mutex::new(Channel {
        writer: writer.clone(),
        handle: handle.clone(),
        held: BytesMut::new(),
        framed: session.framed,
        terminal: session.terminal,
    }));
    let output = Output::new(Port {
        channel: channel.clone(),
        kind: Kind::Stdout,
    });
    let error = match session.framed && !session.terminal {
        true => Output::new(Port {
            channel: channel.clone(),
            kind: Kind::Stderr,
        }),
        false => output.clone(),
    };
    let input = Input::new(Standard {
        reader,
        framed: session.framed,
        packets: BytesMut::new(),
        held: Bytes::new(),
        ended: false,
    });
    let streams = Streams::new(input, output, error);
    let mut shell = Shell::new(machine, &streams, cancelled);
    let status = match &session.job {
        Job::Script(script) => shell.run_text(script, &streams),
        Job::Words(words) => absent::run(&mut shell, "cmd", android::cmd, words, &streams),
        Job::Standard if session.terminal => interact(&mut shell, &streams),
        Job::Standard => running::run_input(&mut shell, &streams),
    };
    let mut channel = channel
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if session.framed && session.exit_packet {
        ShellPacket::exit((status & 0xff) as u8).encode(&mut channel.held);
    }
    // Who has gone needs no answer.
    let _ = channel.send();
}

/// A shell on a terminal: prompt, echo, one line at a time.
fn interact(shell: &mut Shell, streams: &Streams) -> i32 {
    loop {
        let sign = if shell.user == 0 { '#' } else { '$' };
        streams.print(format!("emu64xa:{} {sign} ", shell.directory));
        streams.flush();
        let mut line = Vec::new();
        loop {
            let mut byte = [0];
            match streams.input.read(&mut byte) {
                Ok(1) => {}
                _ => return shell.status,
            }
            match byte[0] {
                b'\r' | b'\n' => {
                    streams.print("\n");
                    break;
                }
                // Ctrl-D on an empty line ends, Ctrl-C drops the line.
                4 if line.is_empty() => return shell.status,
                3 => {
                    line.clear();
                    streams.print("^C\n");
                    break;
                }
                8 | 127 if line.pop().is_some() => streams.print("\x08 \x08"),
                8 | 127 => {}
                other if line.len() < 1 << 16 => {
                    line.push(other);
                    streams.print([other]);
                }
                _ => {}
            }
            streams.flush();
        }
        let script = String::from_utf8_lossy(&line).into_owned();
        if let Err(fault) = shell.execute_text(&script, streams)
            && let Some(status) = shell.conclude_line(fault, streams)
        {
            return status;
        }
        if shell.is_cancelled() {
            return shell.status;
        }
    }
}

/// The way to the client that both outputs share, so that their order is kept.
struct Channel {
    writer: StreamWriter,
    handle: Handle,
    held: BytesMut,
    framed: bool,
    terminal: bool,
}

impl Channel {
    fn send(&mut self) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let bytes = self.held.split().freeze();
        self.writer.write_blocking(&self.handle, bytes)
    }

    fn put(&mut self, kind: Kind, bytes: &[u8]) -> io::Result<()> {
        if self.writer.shared().is_closed() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        for piece in bytes.chunks(HELD) {
            if self.framed {
                ShellPacket::new(kind, Bytes::copy_from_slice(piece)).encode(&mut self.held);
            } else {
                self.held.extend_from_slice(piece);
            }
            if self.held.len() >= HELD {
                self.send()?;
            }
        }
        Ok(())
    }

    /// Bytes that are shared already go out without a copy.
    fn put_shared(&mut self, kind: Kind, bytes: Bytes) -> io::Result<()> {
        const PIECE: usize = 1 << 20;
        if !self.framed {
            self.send()?;
            return self.writer.write_blocking(&self.handle, bytes);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let piece = rest.split_to(rest.len().min(PIECE));
            self.held.extend_from_slice(&[kind as u8]);
            self.held
                .extend_from_slice(&(piece.len() as u32).to_le_bytes());
            self.send()?;
            self.writer.write_blocking(&self.handle, piece)?;
        }
        Ok(())
    }
}

struct Port {
    channel: Arc<std::sync::Mutex<Channel>>,
    kind: Kind,
}

impl Port {
    fn with<T>(&self, work: impl FnOnce(&mut Channel) -> T) -> T {
        work(
            &mut self
                .channel
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        )
    }
}

impl Sink for Port {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let kind = self.kind;
        self.with(|channel| match channel.terminal && bytes.contains(&b'\n') {
            true => {
                let mut text = Vec::with_capacity(bytes.len() + 16);
                for byte in bytes {
                    if *byte == b'\n' {
                        text.push(b'\r');
                    }
                    text.push(*byte);
                }
                channel.put(kind, &text)
            }
            false => channel.put(kind, bytes),
        })
    }

    fn put_shared(&mut self, bytes: Bytes) -> io::Result<()> {
        let kind = self.kind;
        self.with(|channel| channel.put_shared(kind, bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.with(Channel::send)
    }
}

/// Standard input: plain bytes, or the frames of version 2.
struct Standard {
    reader: StreamReader,
    framed: bool,
    packets: BytesMut,
    held: Bytes,
    ended: bool,
}

impl Source for Standard {
    fn get(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !self.framed {
            return Ok(self.reader.read_blocking(into));
        }
        while self.held.is_empty() && !self.ended {
            match ShellPacket::decode(&mut self.packets) {
                Ok(Some(packet)) => match packet.kind {
                    Kind::Stdin => self.held = packet.data,
                    Kind::CloseStdin => self.ended = true,
                    _ => {}
                },
                Ok(None) => match self.reader.next_blocking() {
                    Some(piece) => self.packets.extend_from_slice(&piece),
                    None => self.ended = true,
                },
                Err(_) => self.ended = true,
            }
        }
        let count = into.len().min(self.held.len());
        into[..count].copy_from_slice(&self.held.split_to(count));
        Ok(count)
    }
}
