//! The episode player: its frame here, its life in the page's script.

use std::fmt::Write;

use super::super::markup::{escape, script_json};
use super::super::replay::Replay;

/// The player for the chosen instances.
pub(super) fn player(replay: &Replay) -> String {
    let Some(first) = replay.scenes.first() else {
        return "<p class=\"empty\">No evaluation has finished an episode yet.</p>".into();
    };
    let mut out = String::from(
        "<p class=\"lead\">The same instance before and after training. A ring marks where the \
         policy touched the screen. Arrow keys go from step to step.</p>\
         <div class=\"card player\" id=\"player\" tabindex=\"-1\"><div class=\"scenes\" role=\"group\" \
         aria-label=\"Instance\">",
    );
    for (index, scene) in replay.scenes.iter().enumerate() {
        let _ = write!(
            out,
            "<button type=\"button\" data-scene=\"{index}\" aria-pressed=\"{}\"><b>{}</b>\
             <span>{}</span></button>",
            index == 0,
            escape(&scene.task),
            escape(scene.change)
        );
    }
    let _ = write!(
        out,
        "</div><blockquote id=\"goal\">{}</blockquote>",
        escape(&first.goal)
    );
    out.push_str(
        "<div class=\"controls\" role=\"group\" aria-label=\"Playback\">\
         <button type=\"button\" id=\"previous\" aria-label=\"Previous step\">←</button>\
         <button type=\"button\" id=\"play\" aria-label=\"Play\">Play</button>\
         <button type=\"button\" id=\"next\" aria-label=\"Next step\">→</button>\
         <input type=\"range\" id=\"position\" min=\"1\" max=\"1\" value=\"1\" aria-label=\"Step\">\
         <output id=\"step-count\" for=\"position\"></output></div><div class=\"stage\">",
    );
    for (side, word) in [("before", "Before training"), ("after", "After training")] {
        let _ = write!(
            out,
            "<article class=\"take {side}\" data-side=\"{side}\"><header><h3>{word}</h3>\
             <span class=\"outcome\"></span></header><div class=\"split\"><div class=\"phone\">\
             <svg viewBox=\"0 0 540 1200\" role=\"img\" aria-label=\"Screen\"></svg></div>\
             <div class=\"told\"><p class=\"now\" aria-live=\"polite\"></p>\
             <pre class=\"action\"></pre><ol class=\"steps\"></ol></div></div></article>"
        );
    }
    let _ = write!(
        out,
        "</div><noscript><p class=\"empty\">The player needs JavaScript.</p></noscript></div>\
         <script type=\"application/json\" id=\"replay-data\">{}</script>",
        script_json(replay)
    );
    out
}
