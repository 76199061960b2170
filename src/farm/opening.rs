//! The opening of all devices of a farm at once. Uses the members alone.

use std::sync::Arc;

use super::{FarmError, Member, Patience};

/// Opens all devices at once; returns when all are open or have failed, or some time after the first is ready.
pub(super) async fn open_all(members: &[Arc<Member>], patience: Patience) -> Result<(), FarmError> {
    let mut opening = tokio::task::JoinSet::new();
    for member in members {
        let member = member.clone();
        opening.spawn(async move { member.open().await });
    }
    let mut last_error = None;
    let mut deadline = None;
    loop {
        let next = async {
            match deadline {
                Some(deadline) => tokio::time::timeout_at(deadline, opening.join_next()).await,
                None => Ok(opening.join_next().await),
            }
        };
        match next.await {
            Ok(Some(Ok(Ok(_)))) => {
                let end = || tokio::time::Instant::now() + patience.grace;
                deadline.get_or_insert_with(end);
            }
            // What may heal is the better reason to end for.
            Ok(Some(Ok(Err(error)))) if error.is_refusal() => {
                last_error.get_or_insert(error);
            }
            Ok(Some(Ok(Err(error)))) => last_error = Some(error),
            // A panic in an opening shows as a missing device; the message is on stderr.
            Ok(Some(Err(_))) => {}
            Ok(None) => break,
            // What is being opened goes on: an opening outlives whoever asked for it.
            Err(_) => return Ok(()),
        }
    }
    match (deadline, last_error) {
        (None, Some(error)) => Err(error),
        _ => Ok(()),
    }
}
