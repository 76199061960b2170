//! The screen of aggregated statistics: the sums of each type of activity.

use std::collections::BTreeMap;

use super::TRACKS;
use super::database::{self, Track, Which, speed};
use super::filter::{Filter, FilterMessage};
use super::format::{Units, elapsed};
use super::kinds;
use super::pages::{label, rate_names};
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Icon, Screen, Widget, bar_action, column, divider, icon, list,
    row, text, toolbar,
};

/// The sums of one type.
#[derive(Debug, Clone, PartialEq, Default)]
struct Sum {
    category: String,
    tracks: usize,
    distance: f64,
    moving_time: i64,
    max_speed: f64,
}

/// The sums of every type: the most frequent first, then by name.
fn sums<'a>(tracks: impl Iterator<Item = &'a Track>) -> Vec<Sum> {
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    for track in tracks {
        let sum = sums.entry(&track.category).or_default();
        sum.category.clone_from(&track.category);
        sum.tracks += 1;
        sum.distance += track.distance;
        sum.moving_time = sum.moving_time.saturating_add(track.moving_time);
        sum.max_speed = sum.max_speed.max(track.max_speed);
    }
    let mut sums: Vec<Sum> = sums.into_values().collect();
    // The sort is stable, so that names keep their order.
    sums.sort_by_key(|sum| std::cmp::Reverse(sum.tracks));
    sums
}

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Opens the dialog of the filter.
    OpenFilter,
    /// In the dialog.
    Filter(FilterMessage),
    /// Takes what the dialog says.
    Apply,
    /// Leaves the dialog.
    Cancel,
    /// Counts everything again.
    ClearFilter,
}

/// The screen.
pub struct AggregatedStatistics {
    which: Which,
    units: Units,
    tracks: Vec<Track>,
    filter: Option<Filter>,
    dialog: Option<Filter>,
}

impl AggregatedStatistics {
    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        self.units = Units::load(&system.files);
        self.tracks = database::list(system, &self.which)?;
        Ok(())
    }

    fn item(&self, sum: &Sum) -> Widget<Message> {
        let kind = kinds::by_name(&sum.category);
        let [fastest, moving, _] = rate_names(kind);
        let value = |id: &'static str, words: String| text(words).id(id).max_lines(1);
        let (distance, unit) = self.units.distance(sum.distance);
        let rate = |speed: f64, ids: [&'static str; 3], name: &'static str| {
            let (shown, unit) = self.units.rate(speed, kind.pace);
            column(vec![
                row(vec![
                    value(ids[0], shown).text_size(18.0),
                    label(unit).id(ids[1]),
                ])
                .decoration()
                .gap(4.0)
                .cross(Align::End),
                label(name).id(ids[2]),
            ])
            .decoration()
            .weight_width(1.0)
        };
        column(vec![
            row(vec![
                icon(kind.icon, 28.0).id("activity_icon"),
                value("aggregated_stats_type_label", sum.category.clone())
                    .text_size(18.0)
                    .margin_edges(16.0, 0.0, 0.0, 0.0),
                value("aggregated_stats_num_tracks", format!("({})", sum.tracks))
                    .text_size(18.0)
                    .margin_edges(4.0, 0.0, 0.0, 0.0),
            ])
            .decoration(),
            row(vec![
                row(vec![
                    value("aggregated_stats_distance", distance).text_size(22.0),
                    label(unit).id("aggregated_stats_distance_unit"),
                ])
                .decoration()
                .gap(4.0)
                .cross(Align::End)
                .weight_width(1.0),
                value("aggregated_stats_time", elapsed(sum.moving_time))
                    .text_size(22.0)
                    .weight_width(1.0),
            ])
            .decoration(),
            row(vec![
                rate(
                    speed(sum.distance, sum.moving_time),
                    [
                        "aggregated_stats_avg_rate",
                        "aggregated_stats_avg_rate_unit",
                        "aggregated_stats_avg_rate_label",
                    ],
                    moving,
                ),
                rate(
                    sum.max_speed,
                    [
                        "aggregated_stats_max_rate",
                        "aggregated_stats_max_rate_unit",
                        "aggregated_stats_max_rate_label",
                    ],
                    fastest,
                ),
            ])
            .decoration(),
            divider(),
        ])
        .class("android.view.ViewGroup")
        .gap(8.0)
        .padding_edges(12.0, 8.0, 12.0, 0.0)
        .key(format!("sum {}", sum.category))
    }
}

impl Activity for AggregatedStatistics {
    type Message = Message;

    fn create(_system: &mut System, intent: &Intent) -> AggregatedStatistics {
        let ids = intent.get_text(TRACKS).map(|ids| {
            let numbers = ids.split(',').filter_map(|id| id.parse().ok());
            numbers.collect()
        });
        AggregatedStatistics {
            which: ids.map_or(Which::All, Which::These),
            units: Units::default(),
            tracks: Vec::new(),
            filter: None,
            dialog: None,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        Effects::or_toast(self.reload(system))
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let sums = sums(self.tracks.iter().filter(|track| match &self.filter {
            Some(filter) => filter.lets_through(track),
            None => true,
        }));
        let filter = match &self.filter {
            Some(_) => bar_action(
                Icon::Close,
                "aggregated_statistics_clear_filter",
                "Filter",
                Message::ClearFilter,
            ),
            None => bar_action(
                Icon::Sort,
                "aggregated_statistics_filter",
                "Filter",
                Message::OpenFilter,
            ),
        };
        let content = if sums.is_empty() {
            text(match self.filter {
                Some(_) => "There are not activities for the specified filter",
                None => "Record your first track to see aggregated statistics",
            })
            .id("aggregated_stats_empty_view")
            .text_align(Align::Center)
            .padding(24.0)
            .fill_width()
            .weight_height(1.0)
        } else {
            list(sums.iter().map(|sum| self.item(sum)).collect())
                .id("aggregated_stats_list")
                .weight_height(1.0)
        };
        let dialog = self
            .dialog
            .as_ref()
            .map(|filter| filter.dialog(Message::Filter, Message::Apply, Message::Cancel));
        Screen::new(
            column(vec![
                toolbar("Aggregated stats", vec![filter]).background(Color::SURFACE_RAISED),
                content,
            ])
            .decoration()
            .fill(),
        )
        .overlay(dialog)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match message {
            Message::OpenFilter => {
                let names = sums(self.tracks.iter()).into_iter().map(|sum| sum.category);
                self.dialog = Some(Filter::new(system, names.collect()));
            }
            Message::Filter(message) => {
                if let Some(dialog) = &mut self.dialog {
                    dialog.update(message);
                }
            }
            Message::Apply => self.filter = self.dialog.take(),
            Message::Cancel => self.dialog = None,
            Message::ClearFilter => self.filter = None,
        }
        Effects::none()
    }
}
