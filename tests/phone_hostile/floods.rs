//! Clients that take and never give: floods, streams nobody reads, connections nobody uses.

use std::time::Duration;

use bytes::BytesMut;
use stepdroid::wire::packet::Command;

use super::client::{Client, alive_tasks, answers, calm, memory, packet, phone};

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_connections_are_served_at_once() {
    let phone = phone().await;
    answers(&phone).await;
    let tasks = alive_tasks();
    let mut clients = Vec::new();
    for _ in 0..500 {
        clients.push(Client::connect(&phone).await);
    }
    let asking = clients
        .into_iter()
        .map(|mut client| tokio::spawn(async move { client.ask(1, "exec:echo here").await }));
    for answer in asking.collect::<Vec<_>>() {
        assert_eq!(answer.await.unwrap().as_deref(), Some(&b"here\n"[..]));
    }
    calm(tasks).await;
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_no_answers_can_send_no_more_questions() {
    let phone = phone().await;
    let mut client = Client::connect(&phone).await;
    let before = memory();
    let mut many = BytesMut::new();
    for _ in 0..16_384 {
        many.extend_from_slice(&packet(Command::Open, 7, 0, b"nonsense"));
    }
    let mut sent = 0;
    let stalled = loop {
        let write = client.write(&many);
        match tokio::time::timeout(Duration::from_secs(3), write).await {
            Ok(Ok(())) => sent += many.len() >> 10,
            Ok(Err(_)) => panic!("the phone hung up"),
            Err(_) => break true,
        }
        if sent > 64 << 10 {
            break false;
        }
    };
    println!(
        "{sent} KiB taken, {} MiB more",
        memory().saturating_sub(before)
    );
    assert!(stalled, "the phone queues answers without end");
    // It goes on as soon as somebody reads.
    for _ in 0..100_000 {
        assert_eq!(client.receive().await.unwrap().command, Command::Close);
    }
    answers(&phone).await;
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_packets_for_a_deaf_stream_are_not_kept_without_end() {
    let phone = phone().await;
    let mut client = Client::connect(&phone).await;
    let remote = client.open(1, "exec:sleep 1000").await.unwrap();
    let mut many = BytesMut::new();
    for _ in 0..10_000 {
        many.extend_from_slice(&packet(Command::Write, 1, remote, b""));
    }
    for _ in 0..100 {
        if client.write(&many).await.is_err() {
            break;
        }
    }
    assert!(
        client.receive().await.is_none(),
        "a million packets are kept"
    );
    answers(&phone).await;
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn data_for_many_deaf_streams_has_one_bound() {
    let phone = phone().await;
    answers(&phone).await;
    let (tasks, before) = (alive_tasks(), memory());
    let mut client = Client::connect(&phone).await;
    let piece = vec![b'x'; 1 << 20];
    let mut sent = 0_u64;
    'all: for local in 1..=100 {
        let Some(remote) = client.open(local, "exec:sleep 1000").await else {
            break;
        };
        for _ in 0..5 {
            let bytes = packet(Command::Write, local, remote, &piece);
            if client.write(&bytes).await.is_err() {
                break 'all;
            }
            sent += 1;
        }
    }
    let grown = memory().saturating_sub(before);
    println!("{sent} MiB taken, {grown} MiB more");
    assert!(sent < 400, "{sent} MiB are kept for nobody");
    drop(client);
    calm(tasks).await;
    answers(&phone).await;
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sleeping_sessions_do_not_stop_the_others() {
    let phone = phone().await;
    answers(&phone).await;
    let tasks = alive_tasks();
    let mut sleepers = Vec::new();
    for _ in 0..2 {
        let mut client = Client::connect(&phone).await;
        let mut refused = 0;
        for local in 1..=400 {
            let open = client.open(local, "exec:sleep 1000").await;
            refused += u32::from(open.is_none());
        }
        assert!(refused > 0, "one client may open any number of sessions");
        sleepers.push(client);
    }
    tokio::time::timeout(Duration::from_secs(20), answers(&phone))
        .await
        .expect("all threads sleep");
    drop(sleepers);
    calm(tasks).await;
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_nobody_reads_end_with_their_client() {
    let phone = phone().await;
    answers(&phone).await;
    let (tasks, before) = (alive_tasks(), memory());
    for _ in 0..20 {
        let mut client = Client::connect(&phone).await;
        for (number, service) in [
            "exec:yes",
            "exec:screencap",
            "sync:",
            "shell:",
            "framebuffer:",
            "source:99999999999",
        ]
        .iter()
        .enumerate()
        {
            assert!(client.open(number as u32 + 1, service).await.is_some());
        }
        // No hello at all, and half a packet.
        let mut silent = tokio::net::TcpStream::connect(phone.serial())
            .await
            .unwrap();
        let _ = tokio::io::AsyncWriteExt::write_all(&mut silent, b"CNXN\0\0").await;
    }
    calm(tasks).await;
    let grown = memory().saturating_sub(before);
    assert!(grown < 300, "{grown} MiB");
    answers(&phone).await;
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn listeners_of_a_client_have_a_bound() {
    let phone = phone().await;
    let mut client = Client::connect(&phone).await;
    let mut refused = None;
    for number in 0..5_000 {
        let request = format!("reverse:forward:localabstract:n{number};tcp:9");
        let answer = client.ask(1, &request).await.unwrap();
        if answer.starts_with(b"FAIL") {
            refused = Some((number, String::from_utf8(answer).unwrap()));
            break;
        }
    }
    let (number, answer) = refused.expect("five thousand listeners");
    assert!(
        number >= 256 && answer.contains("too many"),
        "{number} {answer}"
    );
    // A name that is longer than any address is none.
    let long = format!(
        "reverse:forward:localabstract:{};tcp:9",
        "n".repeat(100_000)
    );
    client.ask(1, "reverse:killforward-all").await.unwrap();
    assert!(client.ask(1, &long).await.unwrap().starts_with(b"FAIL"));
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_the_host_never_takes_are_given_up() {
    let phone = phone().await;
    let mut client = Client::connect(&phone).await;
    let listening = client.ask(1, "reverse:forward:tcp:5;tcp:6").await.unwrap();
    assert!(listening.starts_with(b"OKAY"), "{listening:?}");
    let tasks = alive_tasks();
    for local in 10..2_000 {
        // The phone asks the host for a stream of its own, and this host says nothing.
        if let Some(remote) = client.open(local, "tcp:5").await {
            client.send(Command::Close, local, remote, &[]).await;
        }
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let more = alive_tasks().saturating_sub(tasks);
    println!("{more} tasks more");
    assert!(more < 1_200, "{more} calls wait");
    drop(client);
    answers(&phone).await;
    phone.stop().await;
}
