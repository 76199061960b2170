//! A daemon that wants to know its host, as adbd does until somebody on the phone allows the host's key. Uses `wire`.

use std::time::Duration;

use bytes::BytesMut;
use rand::RngExt;
use tokio::net::tcp::OwnedReadHalf;

use super::connection::{Connection, ConnectionEnd, read_packet};
use crate::phone::faults::Condition;
use crate::wire::packet::{Command, Packet};

/// Kinds of an AUTH packet: a token to sign, its signature, a public key to be shown to the user.
const TOKEN: u32 = 1;
const SIGNATURE: u32 = 2;
const PUBLIC_KEY: u32 = 3;
/// Bytes of a token.
const TOKEN_BYTES: usize = 20;
/// How often is looked whether the key was allowed meanwhile.
const LOOK: Duration = Duration::from_millis(50);

/// Returns once the host is let in, at once where no key is wanted. No signature is accepted; who has sent a public
/// key hears nothing until the phone allows it.
pub(super) async fn admit(
    connection: &Connection,
    input: &mut OwnedReadHalf,
    buffer: &mut BytesMut,
    checksum: bool,
) -> Result<(), ConnectionEnd> {
    let wanted = || connection.daemon.machine.faults.is(Condition::Unauthorized);
    if !wanted() {
        return Ok(());
    }
    ask(connection);
    let mut shown = false;
    loop {
        let packet = tokio::select! {
            packet = read_packet(input, buffer, checksum) => packet?,
            () = tokio::time::sleep(LOOK) => {
                if shown && !wanted() {
                    return Ok(());
                }
                continue;
            }
            () = connection.cancel.cancelled() => return Err(ConnectionEnd),
        };
        match (packet.command, packet.arg0) {
            (Command::Connect, _) | (Command::Auth, SIGNATURE) => {
                if !wanted() {
                    return Ok(());
                }
                ask(connection);
            }
            (Command::Auth, PUBLIC_KEY) => shown = true,
            // Nothing else is heard before the host is known.
            _ => {}
        }
    }
}

fn ask(connection: &Connection) {
    let mut token = vec![0; TOKEN_BYTES];
    let machine = &connection.daemon.machine;
    machine.lock().system.random.fill(&mut token[..]);
    connection.send(Packet::new(Command::Auth, TOKEN, 0, token));
}
