//! Tasks that ask a question (catalogue section 3.0.2): an app is filled with rows that hold the
//! answer and with others that leave it alone, and what the agent says is compared with what was put
//! there. Only the answer is judged; whatever else happened on the phone does not matter.
//!
//! An app's questions are constants of [`Question`], each made with [`question`]:
//!
//! - the goal, a sentence with the parameters in braces (`{date}` is reworded when the task starts);
//! - for every parameter of its `TaskSpec` the [`Values`] that it is drawn from, in the same order;
//! - a function that turns the parameters [`Given`] into [`Facts`]: the rows that the answer is about
//!   ([`Given::several`] draws parameters again for each of them, without replacement) and the [`Expected`]
//!   answer; [`facts`] adds other rows, without those that would change the answer;
//! - `solution`, most often a [`reader`]: it acts until it has read the answer from the screen.
//!
//! The rows are those of `table::Row`, of which [`Subject`] draws others; a question needs nothing else of
//! its app.

mod expected;
mod given;
mod moments;
mod question;

pub(super) use expected::Expected;
pub(super) use given::{Given, Values};
pub(super) use moments::written;
pub(super) use question::{Question, Read, Subject, facts, question, reader};
