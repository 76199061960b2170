//! How the list of tasks looks: its bars, headers and rows, and what stands in front of them.

use super::database::{Priority, Task};
use super::dates::{self, Style};
use super::drawer;
use super::home::{Front, MainActivity, Message};
use super::look::{BLUE, RED, action, bar, chip, complete_box, more, start, wrap};
use crate::phone::system::System;
use crate::phone::ui::{
    Align, Color, Icon, ImeAction, Overlay, OverlayKind, Screen, Widget, alert, bar_row, column,
    icon, icon_button, list, marked_choice, menu, menu_check, menu_item, overflow_menu, radio, row,
    snackbar, stack, stretch, text, text_field,
};

/// The screen.
pub fn view(main: &MainActivity, system: &System) -> Screen<Message> {
    if let Some(editor) = &main.editor {
        let mut screen = Screen::new(editor.view(system))
            .background(BLUE)
            .map(&Message::Editor);
        screen.root = screen.root.map(|root| root.background(Color::SURFACE));
        for overlay in editor.overlays(system) {
            screen = screen.overlay(overlay.map(&Message::Editor));
        }
        return screen;
    }
    let content = column(vec![
        column(vec![top(main)])
            .id("appbarlayout")
            .class("android.widget.LinearLayout"),
        body(main, system),
        bottom(main),
    ])
    .decoration()
    .fill();
    let mut layers = vec![content];
    if main.chosen.is_empty() {
        layers.push(
            icon_button(Icon::Add, "Create new task")
                .id("fab")
                .color(Color::TEXT)
                .rounded(Color::ACCENT_PALE, 16.0)
                .size(52.0, 52.0)
                .padding(14.0)
                .margin_edges(0.0, 0.0, 16.0, 6.0)
                .place(Align::End, Align::End)
                .on_tap(Message::New),
        );
    }
    if let Some(shown) = main.snackbar(system) {
        let (button, message) = match shown.undoes() {
            true => ("Undo", Message::Undo),
            false => ("OK", Message::Dismiss),
        };
        layers.push(
            snackbar(shown.words.clone(), button, message).margin_edges(10.0, 0.0, 10.0, 72.0),
        );
    }
    let root = stack(layers)
        .id("task_list_coordinator")
        .class("android.view.ViewGroup")
        .background(Color::SURFACE)
        .fill();
    let mut screen = Screen::new(root).background(BLUE);
    for overlay in front(main, system) {
        screen = screen.overlay(overlay);
    }
    screen
}

fn top(main: &MainActivity) -> Widget<Message> {
    if !main.chosen.is_empty() {
        return bar(
            Some(start(Icon::Close, "Done", Message::ChooseNone)),
            main.chosen.len().to_string(),
            vec![
                action(
                    Icon::Clock,
                    "reschedule",
                    "Reschedule",
                    Message::AskDue(None),
                ),
                action(
                    Icon::Flag,
                    "edit_priority",
                    "Change priority",
                    Message::AskPriority,
                ),
                action(Icon::Delete, "delete", "Delete", Message::AskDelete),
                more(Message::Menu),
            ],
        );
    }
    if let Some(words) = &main.words {
        return wrap(vec![
            start(Icon::Back, "Collapse", Message::Search(false)),
            text_field(words.clone(), "Search")
                .id("search_src_text")
                .class("android.widget.AutoCompleteTextView")
                .color(Color::WHITE)
                .ime(ImeAction::Search)
                .weight_width(1.0)
                .on_change(Message::Words)
                .on_enter(Message::Find),
        ]);
    }
    let search = action(Icon::Search, "menu_search", "Search", Message::Search(true));
    bar(None, main.filter.title(), vec![search])
}

fn bottom(main: &MainActivity) -> Widget<Message> {
    let mut signs = Vec::new();
    if main.chosen.is_empty() {
        signs = vec![
            start(Icon::Menu, "", Message::Drawer(true)),
            action(Icon::Sort, "menu_sort", "Sort", Message::Sort),
            more(Message::Menu).key("more"),
            stretch(),
        ];
    }
    bar_row(64.0, signs).id("bottomAppBar").background(BLUE)
}

fn body(main: &MainActivity, system: &System) -> Widget<Message> {
    if main.sections.is_empty() {
        return column(vec![
            stretch(),
            text("There are no tasks here.").color(Color::TEXT_SECONDARY),
            stretch(),
        ])
        .id("swipe_layout_empty")
        .class("android.view.ViewGroup")
        .cross(Align::Center)
        .weight_height(1.0);
    }
    let mut rows = Vec::new();
    for section in &main.sections {
        if let Some(words) = &section.header {
            let closed = main.collapsed.contains(words);
            rows.push(header(words, closed));
            if closed {
                continue;
            }
        }
        rows.extend(section.tasks.iter().map(|task| entry(main, task, system)));
    }
    stack(vec![list(rows).id("recycler_view")])
        .id("swipe_layout")
        .class("android.view.ViewGroup")
        .fill_width()
        .weight_height(1.0)
}

fn header(words: &str, closed: bool) -> Widget<Message> {
    let color = if words == "Overdue" { RED } else { BLUE };
    row(vec![
        text(words.to_owned())
            .id("header")
            .text_size(14.0)
            .bold()
            .color(color)
            .weight_width(1.0),
        icon(if closed { Icon::Expand } else { Icon::Collapse }, 22.0).id("chevron"),
    ])
    .id("header_row")
    .class("android.widget.RelativeLayout")
    .min_height(44.0)
    .padding_symmetric(16.0, 6.0)
    .on_tap(Message::Collapse(words.to_owned()))
}

/// One task.
fn entry(main: &MainActivity, task: &Task, system: &System) -> Widget<Message> {
    let started = task.start <= system.clock.now_millis();
    let dim = task.is_completed() || !started;
    let color = if dim {
        Color::TEXT_SECONDARY
    } else {
        Color::TEXT
    };
    let mut words = vec![
        text(task.title.clone())
            .id("title")
            .color(color)
            .max_lines(1)
            .style(|style| style.struck = task.is_completed()),
    ];
    if !task.notes.is_empty() {
        words.push(
            text(task.notes.clone())
                .id("description")
                .quiet(14.0)
                .max_lines(2),
        );
    }
    let mut chips = Vec::new();
    if !started && !task.is_completed() {
        chips.push(chip(
            Icon::Clock,
            dates::text(system, task.start, Style::Short),
        ));
    }
    if main.filter == super::drawer::Filter::All
        && let Some(list) = &task.list
    {
        chips.push(chip(Icon::List, list.clone()));
    }
    if !chips.is_empty() {
        words.push(
            row(chips)
                .id("chip_group")
                .class("androidx.compose.ui.platform.ComposeView")
                .gap(6.0)
                .margin_edges(0.0, 4.0, 0.0, 0.0),
        );
    }
    let mut children = vec![
        complete_box(task)
            .id("completeBox")
            .on_tap(Message::Complete(task.id)),
        column(words)
            .decoration()
            .gap(2.0)
            .padding_symmetric(0.0, 13.0)
            .weight_width(1.0),
    ];
    if task.due > 0 {
        let over = !task.is_completed() && dates::is_over(system, task.due);
        children.push(
            text(dates::text(system, task.due, Style::Short))
                .id("due_date")
                .text_size(14.0)
                .color(if over { RED } else { Color::TEXT_SECONDARY })
                .max_lines(1)
                .padding_symmetric(4.0, 15.0)
                .on_tap(Message::AskDue(Some(task.id))),
        );
    }
    let body = row(children)
        .id("rowBody")
        .class("android.widget.RelativeLayout")
        .cross(Align::Start)
        .padding_edges(0.0, 0.0, 12.0, 0.0)
        .on_tap(Message::Open(task.id))
        .on_long_press(Message::Choose(task.id));
    let fill = Color::chosen(main.chosen.contains(&task.id));
    stack(vec![body]).id("row").fill_width().background(fill)
}

fn front(main: &MainActivity, system: &System) -> Vec<Overlay<Message>> {
    let question = |words: String, yes: Message| {
        let dialog = alert("")
            .message(words)
            .positive("OK", yes)
            .negative("Cancel", Message::Dismiss);
        vec![dialog.overlay(Message::Dismiss)]
    };
    match &main.front {
        None => Vec::new(),
        Some(Front::Menu) if main.chosen.is_empty() => {
            let order = &main.order;
            let items = menu(vec![
                menu_item("Clear Completed", Message::AskClear),
                menu_item("Collapse subtasks", Message::Dismiss),
                menu_item("Expand subtasks", Message::Dismiss),
                menu_check(
                    "Show completed",
                    order.show_completed,
                    Message::ShowCompleted,
                ),
                menu_check(
                    "Show unstarted",
                    order.show_unstarted,
                    Message::ShowUnstarted,
                ),
                menu_item("Share", Message::Share),
            ]);
            let kind = OverlayKind::Popup("more".into());
            vec![Overlay::new(kind, items, Message::Dismiss)]
        }
        Some(Front::Menu) => {
            let entries = [
                ("Select all", Message::ChooseAll),
                ("Share", Message::Share),
                ("Copy", Message::Copy),
            ];
            vec![overflow_menu(entries, Message::Dismiss)]
        }
        Some(Front::Drawer) => vec![Overlay::new(
            OverlayKind::BottomSheet,
            drawer::view(&main.all, &main.filter, system),
            Message::Dismiss,
        )],
        Some(Front::Clear) => question(
            "Delete all completed tasks of this list?".to_owned(),
            Message::Clear,
        ),
        Some(Front::Delete) => question("Delete selected tasks?".to_owned(), Message::Delete),
        Some(Front::Priority) => vec![Overlay::new(
            OverlayKind::Dialog,
            priorities(main),
            Message::Dismiss,
        )],
        Some(Front::Due(_, sheet)) => sheet.overlays(system, Message::Due),
    }
}

/// The dialog that asks for a priority.
fn priorities(main: &MainActivity) -> Widget<Message> {
    let mut chosen = main
        .all
        .iter()
        .filter(|task| main.chosen.contains(&task.id))
        .map(|task| task.priority);
    let first = chosen.next();
    let common = first.filter(|first| chosen.all(|other| other == *first));
    let rows = (0..4)
        .map(|number| {
            let priority = Priority(number);
            let chosen = common == Some(priority);
            let message = Message::Prioritise(number);
            marked_choice(radio(chosen), priority.name(), chosen, message)
        })
        .collect();
    alert("Change priority")
        .content(rows)
        .negative("Cancel", Message::Dismiss)
        .widget()
}
