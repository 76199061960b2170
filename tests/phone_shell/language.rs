//! The language and the tools, as a phone has them: what the corpus of real answers cannot hold.

use crate::bench::Bench;

#[test]
fn the_language_is_mksh() {
    Bench::new().table(&[
        ("echo hello   world", "hello world\n", "", 0),
        (r#"echo 'a b' "c  d" e\ f"#, "a b c  d e f\n", "", 0),
        (r"echo 'don'\''t' 'it'", "don't it\n", "", 0),
        (r#"echo 'it'"'"'s'"#, "it's\n", "", 0),
        ("echo 'a\\tb'", "a\tb\n", "", 0),
        ("echo -n x", "x", "", 0),
        ("echo -E 'a\\tb'", "a\\tb\n", "", 0),
        ("x=1; echo $x ${x}2 ${y:-none} ${#x}", "1 12 none 1\n", "", 0),
        ("x='a  b'; echo $x \"$x\"", "a b a  b\n", "", 0),
        ("f=/sdcard/a.tar.gz; echo ${f##*/} ${f%.*} ${f%%.*} ${f#/}", "a.tar.gz /sdcard/a.tar /sdcard/a sdcard/a.tar.gz\n", "", 0),
        ("x=abcabc; echo ${x/b/X} ${x//b/X} ${x:1:2}", "aXcabc aXcaXc bc\n", "", 0),
        ("echo $((2 + 3 * 4)) $((7 % 3)) $((1 << 4))", "14 1 16\n", "", 0),
        ("i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done", "0\n1\n2\n", "", 0),
        ("until true; do echo no; done; echo $?", "0\n", "", 0),
        ("for i in a 'b c'; do echo \"<$i>\"; done", "<a>\n<b c>\n", "", 0),
        ("for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done", "1\n3\n", "", 0),
        ("if false; then echo a; elif true; then echo b; else echo c; fi", "b\n", "", 0),
        ("case foo.md in *.txt) echo t;; *.md|*.rst) echo m;; esac", "m\n", "", 0),
        ("f() { echo \"$1-$#\"; return 3; }; f x y; echo $?", "x-2\n3\n", "", 0),
        ("(cd /data; pwd); pwd", "/data\n/\n", "", 0),
        ("{ echo a; echo b; } | tail -n 1", "b\n", "", 0),
        ("echo a | cat | wc -l", "1\n", "", 0),
        ("true && echo yes || echo no", "yes\n", "", 0),
        ("false && echo yes || echo no", "no\n", "", 0),
        ("! true; echo $?", "1\n", "", 0),
        ("echo $(echo a; echo b) `echo c`", "a b c\n", "", 0),
        ("x=$(false); echo $?", "1\n", "", 0),
        ("false; echo $?; exit 7", "1\n", "", 7),
        ("exit 300", "", "", 44),
        ("echo {a,b}{1,2} {1..3}", "a1 a2 b1 b2 {1..3}\n", "", 0),
        ("cat <<E\nhi $((1+1))\nE", "hi 2\n", "", 0),
        ("cat <<'E'\nhi $x\nE", "hi $x\n", "", 0),
        ("echo out; echo err >&2", "out\n", "err\n", 0),
        ("echo err >&2 2>/dev/null", "", "err\n", 0),
        ("{ echo err >&2; } 2>&1", "err\n", "", 0),
        ("ls /nope 2>&1 | cat", "ls: /nope: No such file or directory\n", "", 0),
        ("echo x >/dev/null", "", "", 0),
        ("echo tty >/dev/tty", "tty\n", "", 0),
        ("echo a b | while read x y; do echo $y $x; done", "b a\n", "", 0),
        (
            "x=1; printf ' a b\\nc\\n' | while IFS= read -r line; do x=2 echo \"[$line]$x\"; done",
            "[ a b]1\n[c]1\n",
            "",
            0,
        ),
        ("set -- a b c; shift; echo $1 $# \"$@\"", "b 2 b c\n", "", 0),
        ("set -e; false; echo no", "", "", 1),
        ("A=1 env | grep ^A=", "A=1\n", "", 0),
        ("[ 3 -gt 2 ] && [ a != b ] && [ -z '' ] && echo yes", "yes\n", "", 0),
        ("test -d /sdcard -a ! -f /sdcard; echo $?", "0\n", "", 0),
        ("[[ abc == a* ]] && echo m", "m\n", "", 0),
        ("echo /sys*em /nope*", "/system /nope*\n", "", 0),
        ("foo", "", "/system/bin/sh: foo: inaccessible or not found\n", 127),
        ("foo | cat; echo $?", "0\n", "/system/bin/sh: foo: inaccessible or not found\n", 0),
        ("/sdcard", "", "/system/bin/sh: /sdcard: can't execute: Is a directory\n", 126),
        ("touch /data/local/tmp/x; /data/local/tmp/x", "", "/system/bin/sh: /data/local/tmp/x: can't execute: Permission denied\n", 126),
        ("echo 'echo script $1' > /data/local/tmp/s; chmod 755 /data/local/tmp/s; /data/local/tmp/s a", "script a\n", "", 0),
        ("/system/bin/echo via path", "via path\n", "", 0),
        ("echo x > /nope/y", "", "/system/bin/sh: can't create /nope/y: No such file or directory\n", 1),
        ("cat < /nope", "", "/system/bin/sh: can't open /nope: No such file or directory\n", 1),
        ("fi", "", "/system/bin/sh: syntax error: unexpected 'fi'\n", 1),
        ("echo \"abc", "", "/system/bin/sh: no closing quote\n", 1),
        ("if true", "", "/system/bin/sh: syntax error: unmatched 'if'\n", 1),
        ("echo ${x?bad}", "", "/system/bin/sh: x: bad\n", 1),
        ("cd /nope", "", "/system/bin/sh: cd: /nope: No such file or directory\n", 2),
        ("[ a", "", "/system/bin/sh: [: missing ]\n", 2),
        ("echo $((1/0))", "", "/system/bin/sh: 1/0: zero divisor\n", 1),
    ]);
}

#[test]
fn toybox_tools_answer_as_on_a_phone() {
    let bench = Bench::new();
    bench.ok(
        "mkdir -p /sdcard/w/a; cd /sdcard/w; printf 'b 2\\na 10\\nc 1\\n' > t; echo hidden > .h",
    );
    bench.table(&[
        ("ls /sdcard/w", "a\nt\n", "", 0),
        ("ls -a /sdcard/w", ".\n..\n.h\na\nt\n", "", 0),
        ("ls -d /sdcard/w", "/sdcard/w\n", "", 0),
        ("ls -1 /nope", "", "ls: /nope: No such file or directory\n", 1),
        ("ls -Y", "", "ls: Unknown option 'Y' (see \"ls --help\")\n", 1),
        ("sort /sdcard/w/t", "a 10\nb 2\nc 1\n", "", 0),
        ("sort -k2 -n -r /sdcard/w/t", "a 10\nb 2\nc 1\n", "", 0),
        ("sort -k 2n /sdcard/w/t", "c 1\nb 2\na 10\n", "", 0),
        ("head -n 1 /sdcard/w/t; tail -1 /sdcard/w/t", "b 2\nc 1\n", "", 0),
        ("wc -l /sdcard/w/t", "3 /sdcard/w/t\n", "", 0),
        ("wc -c < /sdcard/w/t", "13\n", "", 0),
        ("cut -d ' ' -f 2 /sdcard/w/t", "2\n10\n1\n", "", 0),
        ("tr a-z A-Z < /sdcard/w/t", "B 2\nA 10\nC 1\n", "", 0),
        ("printf 'a\\na\\nb\\n' | uniq -c", "      2 a\n      1 b\n", "", 0),
        ("grep -c 1 /sdcard/w/t", "2\n", "", 0),
        ("grep -E '^(a|c)' /sdcard/w/t", "a 10\nc 1\n", "", 0),
        ("grep -iv B /sdcard/w/t", "a 10\nc 1\n", "", 0),
        ("grep -q zzz /sdcard/w/t; echo $?", "1\n", "", 0),
        ("grep x /nope", "", "grep: /nope: No such file or directory\n", 2),
        ("grep -n a /sdcard/w/t", "2:a 10\n", "", 0),
        ("sed 's/ /-/' /sdcard/w/t", "b-2\na-10\nc-1\n", "", 0),
        ("sed -n 2p /sdcard/w/t", "a 10\n", "", 0),
        ("echo -n abc | md5sum", "900150983cd24fb0d6963f7d28e17f72  -\n", "", 0),
        ("echo -n abc | sha256sum -b", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n", "", 0),
        ("find /sdcard/w -type f -o -type d", "/sdcard/w\n/sdcard/w/.h\n/sdcard/w/a\n/sdcard/w/t\n", "", 0),
        ("find /sdcard/w -mindepth 1 -maxdepth 1 -name 't*'", "/sdcard/w/t\n", "", 0),
        ("find /nope", "", "find: '/nope': No such file or directory\n", 1),
        ("find /sdcard/w -name t -exec basename {} \\;", "t\n", "", 0),
        ("echo /sdcard/w/t | xargs wc -l", "3 /sdcard/w/t\n", "", 0),
        ("stat -c '%s %F %n' /sdcard/w/t", "13 regular file /sdcard/w/t\n", "", 0),
        ("stat /nope", "", "stat: '/nope': No such file or directory\n", 1),
        ("basename /a/b.txt .txt; dirname /a/b.txt", "b\n/a\n", "", 0),
        ("seq 3; seq -s , 2 2 6", "1\n2\n3\n2,4,6\n", "", 0),
        ("printf '%s-%03d\\n' a 7 b 8", "a-007\nb-008\n", "", 0),
        ("cp /sdcard/w/t /sdcard/w/u; cmp /sdcard/w/t /sdcard/w/u; mv /sdcard/w/u /sdcard/w/a; ls /sdcard/w/a", "u\n", "", 0),
        ("cp /nope /sdcard", "", "cp: bad '/nope': No such file or directory\n", 1),
        ("cp /sdcard/w /sdcard/v", "", "cp: Skipped dir '/sdcard/v': No such file or directory\n", 1),
        ("mv /nope /sdcard", "", "mv: bad '/nope': No such file or directory\n", 1),
        ("rm /nope", "", "rm: /nope: No such file or directory\n", 1),
        ("rm -f /nope", "", "", 0),
        ("rm /sdcard/w", "", "rm: /sdcard/w: Is a directory\n", 1),
        ("rmdir /sdcard/w", "", "rmdir: /sdcard/w: Directory not empty\n", 1),
        ("mkdir /sdcard/w", "", "mkdir: '/sdcard/w': File exists\n", 1),
        ("mkdir /x/y/z", "", "mkdir: '/x/y/z': No such file or directory\n", 1),
        ("touch /x/y", "", "touch: '/x/y': No such file or directory\n", 1),
        ("chmod 777 /nope", "", "chmod: /nope: No such file or directory\n", 1),
        ("cat /nope", "", "cat: /nope: No such file or directory\n", 1),
        ("readlink /sdcard; readlink -f /sdcard/w/t", "/storage/self/primary\n/storage/emulated/0/w/t\n", "", 0),
        ("which ls nope; command -v am", "/system/bin/ls\n/system/bin/am\n", "", 0),
        ("echo aGk= | base64 -d; echo hi | base64", "hiaGkK\n", "", 0),
        ("id -u; whoami; getenforce; uname", "0\nroot\nEnforcing\nLinux\n", "", 0),
        ("sleep x", "", "sleep: Not a number 'x'\n", 1),
        ("mkdir", "", "mkdir: Needs 1 argument (see \"mkdir --help\")\n", 1),
        ]);
    let long = bench.ok("touch -d '2023-11-28 23:17:43' /sdcard/w/1.txt; ls /sdcard/w -ll -au");
    assert!(long.starts_with("total "), "{long}");
    let row: Vec<&str> = long
        .lines()
        .find(|line| line.ends_with("1.txt"))
        .unwrap()
        .split_whitespace()
        .collect();
    assert_eq!(
        row.join(" "),
        "-rw-rw---- 1 u0_a158 media_rw 0 2023-11-28 23:17:43.000000000 +0000 1.txt"
    );
    assert!(long.contains("drwxrws--- "), "{long}");
    assert!(
        bench
            .ok("ls -l /")
            .contains(" sdcard -> /storage/self/primary\n")
    );
}
