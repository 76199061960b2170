//! The dialogs that ask before something is done with chosen files, or tell about one.

use super::{DeedMessage, Deeds, Front};
use crate::phone::apps::gallery::destination::{DestinationMessage, named};
use crate::phone::apps::transfer::{self, Transfer};
use crate::phone::ui::{
    Length, Overlay, OverlayKind, Widget, alert, checkbox, column, radio, row, text, text_field,
};

impl Deeds {
    /// The dialog in front, if there is one.
    pub fn overlay(&self) -> Option<Overlay<DeedMessage>> {
        let front = self.front.as_ref()?;
        let close = match front {
            Front::Destination(_) => DeedMessage::Destination(DestinationMessage::Close),
            _ => DeedMessage::Close,
        };
        let content = match front {
            Front::Destination(asked) => asked.view(DeedMessage::Destination, DeedMessage::Close),
            Front::Conflict {
                transfer,
                answer,
                for_all,
                ..
            } => conflict(transfer, *answer, *for_all),
            Front::Rename { stem, ending, .. } => renaming(stem, ending),
            Front::Delete {
                paths,
                for_good,
                do_not_ask,
            } => deleting(paths, *for_good, *do_not_ask),
            Front::Details(lines) => details(lines),
            Front::Access => access(),
        };
        Some(Overlay::new(OverlayKind::Dialog, content, close))
    }
}

fn conflict(transfer: &Transfer, chosen: transfer::Answer, for_all: bool) -> Widget<DeedMessage> {
    let (name, several) = transfer.question();
    let choices = [
        ("Skip", "conflict_dialog_radio_skip", transfer::Answer::Skip),
        (
            "Overwrite",
            "conflict_dialog_radio_overwrite",
            transfer::Answer::Overwrite,
        ),
        (
            "Keep both",
            "conflict_dialog_radio_keep_both",
            transfer::Answer::KeepBoth,
        ),
    ];
    let mut content: Vec<Widget<DeedMessage>> = choices
        .into_iter()
        .map(|(label, id, answer)| {
            let message = DeedMessage::Conflict(answer);
            let sent = message.clone();
            let mark = radio(answer == chosen)
                .id(id)
                .spoken(label)
                .on_toggle(move |_| sent.clone());
            line(mark, label, message)
        })
        .collect();
    if several {
        let mark = checkbox(for_all)
            .id("conflict_dialog_apply_to_all")
            .spoken("Apply to all")
            .on_toggle(DeedMessage::ForAll);
        content.push(line(mark, "Apply to all", DeedMessage::ForAll(!for_all)));
    }
    alert("")
        .message(format!("The file \"{name}\" already exists"))
        .content(content)
        .positive("OK", DeedMessage::Resolve)
        .negative("Cancel", DeedMessage::Close)
        .widget()
}

/// A mark with its words; the words are the mark's own for who reads the tree.
fn line(
    mark: Widget<DeedMessage>,
    label: &'static str,
    message: DeedMessage,
) -> Widget<DeedMessage> {
    row(vec![
        mark,
        text(label).decoration().weight_width(1.0).on_tap(message),
    ])
    .decoration()
    .gap(8.0)
    .min_height(44.0)
}

fn renaming(stem: &str, ending: &str) -> Widget<DeedMessage> {
    alert("Rename")
        .content(vec![
            text_field(stem, "Filename")
                .id("rename_item_name")
                .on_enter(DeedMessage::Rename)
                .on_change(DeedMessage::Stem),
            text_field(ending, "Extension")
                .id("rename_item_extension")
                .on_enter(DeedMessage::Rename)
                .on_change(DeedMessage::Ending),
        ])
        .positive("OK", DeedMessage::Rename)
        .negative("Cancel", DeedMessage::Close)
        .widget()
}

fn deleting(paths: &[String], for_good: bool, do_not_ask: bool) -> Widget<DeedMessage> {
    let what = match paths {
        [path] => named(path),
        paths => format!("{} items", paths.len()),
    };
    let in_bin = paths.iter().all(|path| path.starts_with("/data/"));
    let question = if in_bin {
        format!("Are you sure you want to delete {what}?")
    } else {
        format!("Are you sure you want to move {what} into the Recycle Bin?")
    };
    let mark = |on: bool, id: &'static str, label: &'static str, make: fn(bool) -> DeedMessage| {
        let mark = checkbox(on).id(id).spoken(label).on_toggle(make);
        line(mark, label, make(!on))
    };
    let mut content = vec![mark(
        do_not_ask,
        "delete_remember_checkbox",
        "Do not ask again in this session",
        DeedMessage::DoNotAsk,
    )];
    if !in_bin {
        content.push(mark(
            for_good,
            "skip_the_recycle_bin_checkbox",
            "Skip the Recycle Bin, delete files directly",
            DeedMessage::ForGood,
        ));
    }
    let question = text(question)
        .id("delete_remember_title")
        .fill_width()
        .padding_symmetric(0.0, 8.0);
    content.insert(0, question);
    alert("")
        .content(content)
        .positive("Yes", DeedMessage::Delete)
        .negative("No", DeedMessage::Close)
        .widget()
}

fn details(lines: &[(&'static str, String)]) -> Widget<DeedMessage> {
    let content = lines
        .iter()
        .map(|(label, value)| {
            column(vec![
                text(*label).id("property_label").quiet(13.0),
                text(value.clone()).id("property_value"),
            ])
            .padding_symmetric(0.0, 5.0)
        })
        .collect();
    alert("Properties")
        .content(content)
        .positive("OK", DeedMessage::Close)
        .widget()
        .height(Length::Wrap)
}

fn access() -> Widget<DeedMessage> {
    alert("").message("To copy, move and delete pictures in any folder the gallery needs access to all files of this \
         device. Without it only media can be shown.")
             .positive("All files", DeedMessage::Access)
             .neutral("Media only", DeedMessage::Close)
             .widget()
}
