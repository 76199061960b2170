//! The pages of a track and what they share: tabs, values, the page of intervals, the charts.

use std::borrow::Cow;

use super::database::Track;
use super::format::{Units, elapsed, local, moment};
use super::kinds::{self, Kind};
use super::look::quantity;
use crate::phone::ui::{
    Align, Color, Icon, Length, Overlay, Shape, Widget, alert, canvas, column, divider,
    horizontal_list, icon, list, row, scroll, stack, text,
};

/// Said where another app would show a map.
pub const NO_MAP: &str = "No app that shows maps is installed";

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Sums.
    Stats,
    /// Parts of the same length.
    Intervals,
    /// A chart over time.
    ByTime,
    /// A chart over distance.
    ByDistance,
}

const PAGES: [(Page, &str); 4] = [
    (Page::Stats, "Stats"),
    (Page::Intervals, "Intervals"),
    (Page::ByTime, "By time"),
    (Page::ByDistance, "By distance"),
];

impl Page {
    fn beside(self, step: isize) -> Page {
        let place = PAGES.iter().position(|(page, _)| *page == self);
        place
            .and_then(|place| PAGES.get(place.checked_add_signed(step)?))
            .map_or(self, |(page, _)| *page)
    }
}

/// Tabs above a page, and a bar below it.
pub fn tabbed<M: Clone>(
    page: Page,
    show: fn(Page) -> M,
    content: Widget<M>,
    bar: Widget<M>,
) -> Widget<M> {
    let tabs = PAGES.iter().map(|&(other, name)| {
        let current = other == page;
        let color = match current {
            true => Color::ACCENT,
            false => Color::TEXT_SECONDARY,
        };
        column(vec![
            text(name)
                .text_size(14.0)
                .bold()
                .color(color)
                .max_lines(1)
                .padding_symmetric(14.0, 14.0),
            crate::phone::ui::blank()
                .decoration()
                .fill_width()
                .height(Length::Dp(3.0))
                .background(color.with_alpha(if current { 255 } else { 0 })),
        ])
        .width(Length::Wrap)
        .description(name)
        .selected(current)
        .on_tap(show(other))
    });
    column(vec![
        horizontal_list(vec![row(tabs.collect()).width(Length::Wrap)])
            .id("track_detail_activity_tablayout")
            .height(Length::Dp(52.0)),
        stack(vec![
            content
                .on_swipe_left(show(page.beside(1)))
                .on_swipe_right(show(page.beside(-1))),
        ])
        .id("track_detail_activity_view_pager")
        .class("androidx.viewpager.widget.ViewPager")
        .fill_width()
        .weight_height(1.0),
        bar,
    ])
    .decoration()
    .fill()
}

/// A name of a value.
pub fn label<M>(words: impl Into<Cow<'static, str>>) -> Widget<M> {
    text(words).quiet(14.0).max_lines(1)
}

/// A value.
pub fn big<M>(words: impl Into<Cow<'static, str>>) -> Widget<M> {
    text(words).text_size(24.0).max_lines(1)
}

/// How the speeds of a type are called: the highest, in motion, over all.
pub fn rate_names(kind: Kind) -> [&'static str; 3] {
    match kind.pace {
        true => ["Fastest pace", "Avg moving pace", "Avg pace"],
        false => ["Max speed", "Avg moving speed", "Avg speed"],
    }
}

/// The page of sums.
pub fn stats<M>(track: &Track, units: Units) -> Widget<M> {
    let kind = kinds::by_name(&track.category);
    let value = |id: &'static str, name: &'static str, value: String, unit: &'static str| {
        column(vec![
            label(name).id(format!("{id}_label")),
            quantity(id, value, unit),
        ])
        .decoration()
        .weight_width(1.0)
    };
    let pair = |first: Widget<M>, second: Widget<M>| {
        row(vec![first, second])
            .decoration()
            .cross(Align::Start)
            .gap(12.0)
    };
    let rate = |id, name, speed| {
        let (shown, unit) = units.rate(speed, kind.pace);
        value(id, name, shown, unit)
    };
    let [fastest, moving, average] = rate_names(kind);
    let (distance, unit) = units.distance(track.distance);
    let mut heading = vec![
        text(track.name.clone())
            .id("stats_name_value")
            .text_size(20.0)
            .bold(),
    ];
    if !track.description.is_empty() {
        heading.push(text(track.description.clone()).id("stats_description_value"));
    }
    heading.push(label(moment(&local(track.start, track.offset))).id("stats_start_datetime_value"));
    let mut parts = vec![
        row(vec![
            icon(kind.icon, 40.0).id("stats_activity_type_icon"),
            column(heading).decoration().gap(4.0).weight_width(1.0),
        ])
        .decoration()
        .cross(Align::Start)
        .gap(12.0),
        divider(),
        value("stats_distance", "Distance", distance, unit).width(Length::Fill),
        pair(
            value(
                "stats_moving_time",
                "Moving time",
                elapsed(track.moving_time),
                "",
            ),
            value(
                "stats_total_time",
                "Total time",
                elapsed(track.total_time),
                "",
            ),
        ),
        divider(),
        rate("stats_max_speed", fastest, track.max_speed).width(Length::Fill),
        pair(
            rate("stats_moving_speed", moving, track.moving_speed()),
            rate("stats_average_speed", average, track.average_speed()),
        ),
    ];
    if let (Some(gain), Some(loss)) = (track.gain, track.loss) {
        let height = |id, name, metres| {
            let (shown, unit) = units.height(metres);
            value(id, name, shown, unit)
        };
        parts.push(divider());
        parts.push(pair(
            height("stats_altitude_gain", "Gain", gain),
            height("stats_altitude_loss", "Loss", loss),
        ));
    }
    scroll(vec![
        column(parts)
            .class("android.view.ViewGroup")
            .gap(16.0)
            .padding(16.0),
    ])
}

/// The other pages of a track without points.
pub fn without_points<M>(page: Page) -> Widget<M> {
    if page == Page::Intervals {
        let heads = ["Distance", "Speed", "Elevation"].map(|name| label(name).weight_width(1.0));
        return column(vec![
            row(vec![
                text("1 mi")
                    .weight_width(1.0)
                    .class("android.widget.EditText"),
                icon(Icon::DropDown, 24.0).decoration(),
            ])
            .id("intervals_dropdown")
            .description("Split interval")
            .padding(16.0),
            row(heads.into_iter().collect()).padding_symmetric(16.0, 8.0),
            list(vec![
                text("There are not any interval yet")
                    .fill_width()
                    .text_align(Align::Center)
                    .padding(32.0),
            ])
            .id("interval_list"),
        ])
        .decoration()
        .fill();
    }
    let line = |at| Shape::Line {
        at,
        width: 1.0,
        color: Color::OUTLINE,
    };
    let mut shapes: Vec<Shape> = (0..=4u8)
        .map(|step| f32::from(step).mul_add(100.0, 20.0))
        .map(|y| line([20.0, y, 380.0, y]))
        .collect();
    shapes.push(line([20.0, 20.0, 20.0, 420.0]));
    column(vec![canvas(400.0, 440.0, shapes).id("chart_view")])
        .decoration()
        .fill()
}

/// Whether to delete one track.
pub fn delete_question<M: Clone>(delete: M, cancel: M) -> Overlay<M> {
    let dialog = alert("Delete track?")
        .message("The track and its markers will be permanently deleted from the device.")
        .positive("OK", delete)
        .negative("Cancel", cancel.clone());
    dialog.overlay(cancel)
}
