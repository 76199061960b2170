//! Many files in one round trip, to a device and from it, whatever they hold.

use stepdroid::adb::Upload;

use super::harness::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn many_files_go_in_one_round_trip() {
    let bench = Bench::new(8).await;
    let adb = bench.device.adb();
    let large: Vec<u8> = (0..3_000_000_u32)
        .map(|number| (number / 7) as u8)
        .collect();
    let written: [(&str, &[u8]); 4] = [
        ("/data/local/tmp/it's here", b"-\n12\n"),
        ("/data/local/tmp/empty", b""),
        ("/data/local/tmp/bytes", b"\0\xff\r\n\x1b"),
        ("/data/local/tmp/large", &large),
    ];
    let files = written.map(|(path, data)| Upload { path, data });
    let before = adb.round_trips();
    adb.write_files(&files, 0o640).await.unwrap();
    assert_eq!(adb.round_trips(), before + 1);

    let mut paths: Vec<&str> = written.iter().map(|(path, _)| *path).collect();
    // Neither a file that is not there nor a directory is one.
    paths.insert(1, "/data/local/tmp/none");
    paths.insert(3, "/data/local/tmp");
    let read = adb.read_files(&paths).await.unwrap();
    assert_eq!(adb.round_trips(), before + 2);
    let expected = [
        Some(written[0].1),
        None,
        Some(written[1].1),
        None,
        Some(written[2].1),
        Some(&large[..]),
    ];
    for (path, (read, expected)) in paths.iter().zip(read.iter().zip(expected)) {
        assert!(read.as_deref() == expected, "{path}");
    }
    let modes = bench
        .shell("stat -c %a /data/local/tmp/bytes /data/local/tmp/large")
        .await;
    assert_eq!(modes, "640\n640\n");

    // What can't be written is told with its path.
    let nowhere = Upload {
        path: "/data/local/tmp",
        data: b"x",
    };
    let error = adb
        .write_files(&[files[0], nowhere], 0o640)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("/data/local/tmp"), "{error}");
}
