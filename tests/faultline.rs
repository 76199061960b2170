//! The proxy that does harm, before endpoints of this test, and before a phone.
#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use stepdroid::faultline::{FaultLine, LineError, LineFault, LinePlan};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const LONG: Duration = Duration::from_secs(3_600);
const PATIENCE: Duration = Duration::from_secs(60);

fn any_port() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

/// An endpoint that sends back what it gets.
async fn echo() -> String {
    let listener = TcpListener::bind(any_port()).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut reader, mut writer) = socket.split();
                let _ = tokio::io::copy(&mut reader, &mut writer).await;
                let _ = writer.shutdown().await;
            });
        }
    });
    address
}

async fn line(plan: &str, to: &str) -> FaultLine {
    let plan = LinePlan::parse(plan).unwrap();
    FaultLine::start(any_port(), to, plan, 1).await.unwrap()
}

async fn connect(line: &FaultLine) -> TcpStream {
    TcpStream::connect(line.address()).await.unwrap()
}

/// Sends something and reads as much; `None` when the connection ends first.
async fn ask(socket: &mut TcpStream, bytes: &[u8]) -> Option<Vec<u8>> {
    socket.write_all(bytes).await.ok()?;
    let mut answer = vec![0; bytes.len()];
    let reading = socket.read_exact(&mut answer);
    let read = tokio::time::timeout(PATIENCE, reading)
        .await
        .expect("the line is silent");
    read.ok().map(|_| answer)
}

/// Whether the next that comes is a reset, and no end in good order.
async fn is_reset(socket: &mut TcpStream) -> bool {
    let mut byte = [0];
    let read = tokio::time::timeout(PATIENCE, socket.read(&mut byte)).await;
    let found = read.expect("the line is silent").map_err(|it| it.kind());
    found == Err(std::io::ErrorKind::ConnectionReset)
}

/// Whether nothing comes for a while.
async fn is_silent(socket: &mut TcpStream) -> bool {
    let mut byte = [0];
    let reading = socket.read(&mut byte);
    tokio::time::timeout(Duration::from_millis(150), reading)
        .await
        .is_err()
}

#[tokio::test]
async fn what_passes_is_unharmed_in_fair_weather() {
    let line = line("", &echo().await).await;
    let mut socket = connect(&line).await;
    let big: Vec<u8> = (0..3_000_000_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    let (mut reader, mut writer) = socket.split();
    let sent = big.clone();
    let (_, back) = tokio::join!(
        async move {
            writer.write_all(&sent).await.unwrap();
            writer.shutdown().await.unwrap();
        },
        async {
            let mut back = Vec::new();
            reader.read_to_end(&mut back).await.unwrap();
            back
        }
    );
    assert!(back == big);
    let counts = line.counts();
    assert_eq!((counts.connections, counts.bytes), (1, 6_000_000));
    assert!(counts.faults.is_empty());
    line.stop().await;
}

#[tokio::test]
async fn a_cut_ends_connections_and_serves_new_ones() {
    let line = line("", &echo().await).await;
    let mut events = line.events();
    let mut socket = connect(&line).await;
    assert_eq!(ask(&mut socket, b"one").await.unwrap(), b"one");
    line.strike(LineFault::Cut);
    assert!(is_reset(&mut socket).await);
    let event = events.recv().await.unwrap();
    assert_eq!((event.fault, event.connections), (LineFault::Cut, 1));
    let mut socket = connect(&line).await;
    assert_eq!(ask(&mut socket, b"two").await.unwrap(), b"two");
    assert_eq!(line.counts().faults["cut"], 1);
    line.stop().await;
    assert_eq!(ask(&mut socket, b"three").await, None);
}

#[tokio::test]
async fn a_line_that_is_down_resets_everybody() {
    let line = line("", &echo().await).await;
    let mut socket = connect(&line).await;
    ask(&mut socket, b"one").await.unwrap();
    line.strike(LineFault::Down { lasts: LONG });
    assert_eq!(ask(&mut socket, b"two").await, None);
    for _ in 0..3 {
        // The connection may be there for a moment.
        if let Ok(mut socket) = TcpStream::connect(line.address()).await {
            assert_eq!(ask(&mut socket, b"two").await, None);
        }
    }
    assert_eq!(line.counts().refused, 3);
    line.clear();
    let mut socket = connect(&line).await;
    assert_eq!(ask(&mut socket, b"two").await.unwrap(), b"two");
    line.stop().await;
}

#[tokio::test]
async fn a_half_open_line_says_nothing_and_stays() {
    let line = line("", &echo().await).await;
    let mut old = connect(&line).await;
    ask(&mut old, b"one").await.unwrap();
    line.strike(LineFault::HalfOpen { lasts: LONG });
    let mut new = connect(&line).await;
    for socket in [&mut old, &mut new] {
        socket.write_all(b"is anybody there?").await.unwrap();
        assert!(is_silent(socket).await);
    }
    line.clear();
    // What was lost stays lost; who comes now is served.
    assert!(is_silent(&mut old).await && is_silent(&mut new).await);
    let mut socket = connect(&line).await;
    assert_eq!(ask(&mut socket, b"two").await.unwrap(), b"two");
    line.strike(LineFault::Cut);
    assert!(is_reset(&mut old).await && is_reset(&mut new).await);
    line.stop().await;
}

#[tokio::test]
async fn a_stalled_line_loses_nothing() {
    let line = line("", &echo().await).await;
    let mut socket = connect(&line).await;
    ask(&mut socket, b"one").await.unwrap();
    line.strike(LineFault::Stall { lasts: LONG });
    socket.write_all(b"two").await.unwrap();
    assert!(is_silent(&mut socket).await);
    line.clear();
    let mut answer = [0; 3];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"two");
    line.stop().await;
}

#[tokio::test]
async fn a_slow_line_takes_its_time() {
    let line = line("", &echo().await).await;
    let mut socket = connect(&line).await;
    ask(&mut socket, b"one").await.unwrap();
    let by = Duration::from_millis(60);
    line.strike(LineFault::Delay { by, lasts: LONG });
    let start = Instant::now();
    ask(&mut socket, b"two").await.unwrap();
    assert!(start.elapsed() >= 2 * by, "{:?}", start.elapsed());
    line.clear();
    let rate = 20_000;
    line.strike(LineFault::Throttle {
        bytes_per_second: rate,
        lasts: LONG,
    });
    let start = Instant::now();
    ask(&mut socket, &[1; 6_000]).await.unwrap();
    // The last turn of a twentieth of a second need not be waited for.
    let least = Duration::from_millis(6_000 * 1_000 / rate - 60);
    assert!(start.elapsed() >= least, "{:?}", start.elapsed());
    line.stop().await;
}

#[tokio::test]
async fn garbage_flips_single_bits() {
    let line = line("", &echo().await).await;
    let mut socket = connect(&line).await;
    ask(&mut socket, b"one").await.unwrap();
    let lasts = Duration::ZERO;
    line.strike(LineFault::Garbage { lasts });
    let sent = [0; 100];
    let bits = |bytes: &[u8]| bytes.iter().map(|byte| byte.count_ones()).sum::<u32>();
    assert_eq!(bits(&ask(&mut socket, &sent).await.unwrap()), 1);
    assert_eq!(ask(&mut socket, &sent).await.unwrap(), sent);
    line.strike(LineFault::Garbage { lasts: LONG });
    let mut flipped = 1;
    while flipped < 20 {
        ask(&mut socket, &sent).await.unwrap();
        flipped = line.counts().flipped;
    }
    line.clear();
    assert_eq!(ask(&mut socket, &sent).await.unwrap(), sent);
    line.stop().await;
}

#[tokio::test]
async fn bytes_bring_faults_at_their_place() {
    let plan = "[[fault]]\nkind = \"cut\"\nafter_bytes = 150\nrepeated = true\n";
    let listener = TcpListener::bind(any_port()).await.unwrap();
    let line = line(plan, &listener.local_addr().unwrap().to_string()).await;
    for _ in 0..3 {
        let mut client = connect(&line).await;
        let (mut server, _) = listener.accept().await.unwrap();
        client.write_all(&[1; 1_000]).await.unwrap();
        let mut found = Vec::new();
        // It ends with a reset, behind what had passed.
        let mut buffer = [0; 4_096];
        let ended = loop {
            match server.read(&mut buffer).await {
                Ok(0) => break false,
                Ok(count) => found.extend_from_slice(&buffer[..count]),
                Err(_) => break true,
            }
        };
        assert!(ended, "it ended in good order");
        // A reset may overtake what the system still held.
        assert!(found.len() <= 150, "{}", found.len());
    }
    let counts = line.counts();
    assert_eq!((counts.bytes, counts.faults["cut"]), (450, 3));
    line.stop().await;
}

#[tokio::test]
async fn a_plan_is_followed() {
    let plan = "seed = 4\n\
        [[fault]]\nkind = \"cut\"\nmean_ms = 20\n\
        [[fault]]\nkind = \"stall\"\nlasts_ms = 1\nafter_ms = 30\nrepeated = true\n";
    let expected: Vec<_> = stepdroid::faultline::Schedule::new(&LinePlan::parse(plan).unwrap(), 4)
        .take(12)
        .map(|(_, fault)| fault)
        .collect();
    let line = line(plan, &echo().await).await;
    let mut events = line.events();
    for fault in expected {
        assert_eq!(events.recv().await.unwrap().fault, fault);
    }
    line.stop().await;
}

#[tokio::test]
async fn nothing_is_left_of_it() {
    let alive = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let to = echo().await;
    let before = alive();
    let line = line("", &to).await;
    let mut sockets = Vec::new();
    for _ in 0..20 {
        let mut socket = connect(&line).await;
        ask(&mut socket, b"one").await.unwrap();
        sockets.push(socket);
    }
    line.strike(LineFault::HalfOpen { lasts: LONG });
    let address = line.address();
    line.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
    drop(sockets);
    let start = Instant::now();
    while alive() > before {
        assert!(start.elapsed() < PATIENCE, "{}", alive());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn nobody_at_the_endpoint_is_no_end() {
    let gone = {
        let listener = TcpListener::bind(any_port()).await.unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let line = line("", &gone).await;
    let mut socket = connect(&line).await;
    assert_eq!(ask(&mut socket, b"one").await, None);
    assert_eq!(line.counts().unreachable, 1);
    let taken = FaultLine::start(line.address(), &gone, LinePlan::default(), 0).await;
    assert!(matches!(taken, Err(LineError::Listen { .. })));
    for wrong in [
        "",
        "localhost",
        ":5555",
        "localhost:",
        "localhost:0",
        "localhost:99999",
    ] {
        let started = FaultLine::start(any_port(), wrong, LinePlan::default(), 0).await;
        assert!(matches!(started, Err(LineError::Endpoint(_))), "{wrong}");
    }
    line.stop().await;
}
