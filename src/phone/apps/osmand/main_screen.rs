//! OsmAnd's activity: the map, the point that is looked at, the route, and how they answer touches.

use super::gpx::{self, Waypoint};
use super::map::{Look, ZOOMS};
use super::message::{Front, Message, Page, Part};
use super::places::{self, MIDDLE, Position, Spot};
use super::store::{self, Marker};
use super::{PACKAGE, SETTINGS, SKIPPED, sheets, views};
use crate::phone::system::{Intent, PhoneError, Preferences, System};
use crate::phone::ui::{Activity, Effects, Screen};

/// Most points of a track.
const MOST_POINTS: usize = 500;

/// A route's points.
#[derive(Debug, Clone, Default)]
pub struct Route {
    /// The start.
    pub from: Option<Spot>,
    /// The points on the way.
    pub via: Vec<Spot>,
    /// The destination.
    pub to: Option<Spot>,
}

impl Route {
    /// All points in their order; none unless both ends are known.
    pub fn spots(&self) -> Vec<&Spot> {
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => {
                let ends = std::iter::once(from).chain(&self.via);
                ends.chain(std::iter::once(to)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn take(&mut self, spot: Spot, part: Part) {
        match part {
            Part::From => self.from = Some(spot),
            Part::To => self.to = Some(spot),
            Part::Next => {
                let before = self.to.replace(spot);
                self.via.extend(before);
            }
            Part::First => self.via.insert(0, spot),
            Part::Last => self.via.push(spot),
        }
    }
}

/// The activity.
pub struct MapActivity {
    /// Whether the first-run page is shown.
    pub first: bool,
    /// The pages, the last one is shown.
    pages: Vec<Page>,
    /// The part of the map that is shown.
    pub look: Look,
    /// The point whose card is shown.
    pub card: Option<Spot>,
    /// What is in front.
    pub front: Option<Front>,
    /// The text of the page's field.
    pub words: String,
    /// The favourites.
    pub favorites: Vec<Waypoint>,
    /// The favourite that is changed; none for a new one.
    changed: Option<usize>,
    /// The markers.
    pub markers: Vec<Marker>,
    /// The tracks' names.
    pub tracks: Vec<String>,
    /// What was looked for, the last one first.
    pub history: Vec<Spot>,
    /// The route.
    pub route: Route,
    /// Points of a new track.
    pub points: Vec<Position>,
    /// Points that were taken away from it.
    undone: Vec<Position>,
}

impl MapActivity {
    /// The page that is shown.
    pub fn page(&self) -> Page {
        self.pages.last().copied().unwrap_or(Page::Map)
    }

    /// Whether a known favourite is changed.
    pub fn is_changing(&self) -> bool {
        self.changed.is_some()
    }

    /// Places of the favourites.
    pub fn favorite_positions(&self) -> Vec<Position> {
        self.favorites.iter().map(|one| one.position).collect()
    }

    /// Places of the markers.
    pub fn marker_positions(&self) -> Vec<Position> {
        self.markers.iter().map(|one| one.spot.position).collect()
    }

    /// The points that are joined by a line.
    pub fn shown_route(&self) -> Vec<Position> {
        match self.page() {
            Page::Plan => self.points.clone(),
            _ => {
                let spots = self.route.spots();
                spots.into_iter().map(|spot| spot.position).collect()
            }
        }
    }

    /// The favourite at the card's point.
    pub fn favorite_here(&self) -> Option<usize> {
        let here = self.card.as_ref()?.position;
        self.favorites
            .iter()
            .position(|one| one.position.is_near(here))
    }

    /// The marker at the card's point.
    pub fn marker_here(&self) -> Option<usize> {
        let here = self.card.as_ref()?.position;
        self.markers
            .iter()
            .position(|one| one.spot.position.is_near(here))
    }

    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        self.favorites = store::favorites(system);
        self.tracks = store::tracks(system);
        self.markers = store::markers(system)?;
        Ok(())
    }

    fn go(&mut self, page: Page) -> Effects {
        self.words.clear();
        self.pages.retain(|one| *one != page);
        self.pages.push(page);
        match page {
            Page::Search => Effects::none().focus(views::SEARCH),
            _ => Effects::none().hide_keyboard(),
        }
    }

    /// One step out; `false` when there is none.
    fn leave(&mut self) -> bool {
        if self.pages.len() > 1 {
            self.pages.pop();
            self.words.clear();
            self.points.clear();
            return true;
        }
        self.card.take().is_some()
    }

    fn show(&mut self, spot: Spot) -> Effects {
        self.look = Look {
            middle: spot.position,
            zoom: self.look.zoom.max(14),
            ..self.look
        };
        self.history.retain(|one| *one != spot);
        self.history.insert(0, spot.clone());
        self.history.truncate(20);
        self.card = Some(spot);
        self.pages = vec![Page::Map];
        Effects::none().hide_keyboard()
    }

    /// What lies near a point of the map.
    fn spot_near(&self, position: Position) -> Option<Spot> {
        // A finger is as wide as this part of the screen.
        let finger = 40_075_000.0 / (256.0 * f64::from(self.look.zoom).exp2()) * 24.0;
        let favorites = self.favorites.iter().map(|one| Spot {
            position: one.position,
            name: one.name.clone(),
            kind: "Favorites".to_owned(),
        });
        let mut all: Vec<Spot> = favorites.chain(places::all()).collect();
        all.retain(|spot| spot.position.metres_to(position) < finger);
        all.into_iter().next()
    }

    fn touched(&mut self, position: Position, long: bool) {
        if self.page() == Page::Plan {
            self.add_point(position);
        } else if long {
            self.card = Some(Spot::point(position));
        } else {
            self.card = self.spot_near(position);
        }
    }

    fn add_point(&mut self, position: Position) {
        if self.points.len() < MOST_POINTS {
            self.points.push(position);
            self.undone.clear();
        }
    }

    fn edit_favorite(&mut self, index: Option<usize>) -> Effects {
        let name = match (
            index.and_then(|index| self.favorites.get(index)),
            &self.card,
        ) {
            (Some(favorite), _) => favorite.name.clone(),
            (None, Some(spot)) => spot.title(),
            (None, None) => return Effects::none(),
        };
        self.changed = index;
        let effects = self.go(Page::Favorite);
        self.words = name;
        effects
    }

    fn save_favorite(&mut self, system: &System) -> Result<Effects, PhoneError> {
        let name = self.words.trim().to_owned();
        if name.is_empty() {
            return Ok(Effects::none());
        }
        let mut all = store::favorites(system);
        match (
            self.changed.and_then(|index| all.get_mut(index)),
            &self.card,
        ) {
            (Some(favorite), _) => favorite.name = name,
            (None, Some(spot)) => {
                let taken = |name: &str| all.iter().any(|one| one.name == name);
                let free = (1..)
                    .map(|number| format!("{name} ({number})"))
                    .find(|candidate| !taken(candidate));
                all.push(Waypoint {
                    position: spot.position,
                    name: match taken(&name) {
                        true => free.unwrap_or(name),
                        false => name,
                    },
                    group: String::new(),
                    about: String::new(),
                    time: gpx::time(&system.clock),
                });
            }
            (None, None) => return Ok(Effects::none()),
        }
        store::save_favorites(system, &all)?;
        self.leave();
        self.reload(system)?;
        Ok(Effects::none().hide_keyboard())
    }

    fn delete(&mut self, system: &System, front: Option<Front>) -> Result<(), PhoneError> {
        match front {
            Some(Front::DeleteFavorite(index)) if index < self.favorites.len() => {
                self.favorites.remove(index);
                store::save_favorites(system, &self.favorites)?;
            }
            Some(Front::DeleteTrack(index)) => {
                if let Some(name) = self.tracks.get(index) {
                    store::delete_track(system, name)?;
                }
            }
            _ => {}
        }
        self.reload(system)
    }

    fn toggle_marker(&mut self, system: &System) -> Result<(), PhoneError> {
        match (self.marker_here(), &self.card) {
            (Some(index), _) => store::delete_marker(system, &self.markers[index].id)?,
            (None, Some(spot)) => store::add_marker(system, spot)?,
            (None, None) => {}
        }
        self.reload(system)
    }

    fn save_track(&mut self, system: &System, front: Option<Front>) -> Result<Effects, PhoneError> {
        let Some(Front::SaveTrack(name, _)) = front else {
            return Ok(Effects::none());
        };
        let trimmed = name.trim().to_owned();
        let fits = !trimmed.is_empty() && !trimmed.contains('/') && trimmed.len() < 200;
        if !fits || self.tracks.contains(&trimmed) {
            self.front = Some(Front::SaveTrack(name, true));
            return Ok(Effects::none());
        }
        let road = self.page() != Page::Plan;
        store::save_track(system, &trimmed, &self.shown_route(), road)?;
        self.leave();
        self.reload(system)?;
        Ok(Effects::none().hide_keyboard().toast("Track saved"))
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        let none = Effects::none();
        let front = match message {
            Message::Typed(_) => None,
            _ => self.front.take(),
        };
        match message {
            Message::Skip => {
                self.first = false;
                Preferences::load(&system.files, PACKAGE, SETTINGS)
                    .with(SKIPPED, true)
                    .save(&system.files)?;
            }
            Message::Go(page) => return Ok(self.go(page)),
            Message::Up => {
                self.leave();
                return Ok(none.hide_keyboard());
            }
            Message::Open(front) => self.front = Some(front),
            Message::Dismiss => return Ok(none.hide_keyboard()),
            Message::Move(east, south) => self.look = self.look.moved(east, south),
            Message::Zoom(step) => {
                let zoom = self.look.zoom.saturating_add(step);
                self.look.zoom = zoom.clamp(*ZOOMS.start(), *ZOOMS.end());
            }
            Message::Tap(position) => self.touched(position, false),
            Message::Hold(position) => self.touched(position, true),
            Message::Typed(text) => match &mut self.front {
                Some(Front::SaveTrack(name, taken)) => {
                    *taken = false;
                    *name = text;
                }
                _ => self.words = text,
            },
            Message::Clear => self.words.clear(),
            Message::Show(spot) => return Ok(self.show(spot)),
            Message::CloseCard => self.card = None,
            Message::Favorite => return Ok(self.edit_favorite(self.favorite_here())),
            Message::SaveFavorite => return self.save_favorite(system),
            Message::Delete => self.delete(system, front)?,
            Message::Marker => self.toggle_marker(system)?,
            Message::DeleteMarker(index) => {
                if let Some(marker) = self.markers.get(index) {
                    store::delete_marker(system, &marker.id)?;
                }
                self.reload(system)?;
            }
            Message::Directions if self.route.to.is_some() => {
                self.front = Some(Front::Waypoint);
            }
            Message::Directions => self.take_part(Part::To),
            Message::Route(part) => self.take_part(part),
            Message::ClearRoute => self.route = Route::default(),
            Message::Plan(here) => {
                let spot = self.card.take().filter(|_| here);
                let effects = self.go(Page::Plan);
                self.points = spot.map(|spot| spot.position).into_iter().collect();
                self.undone.clear();
                return Ok(effects);
            }
            Message::AddPoint => self.add_point(self.look.middle),
            Message::Undo(true) => self.undone.extend(self.points.pop()),
            Message::Undo(false) => self.points.extend(self.undone.pop()),
            Message::AskTrack if self.shown_route().len() < 2 => {
                return Ok(none.toast("Please add at least two points."));
            }
            Message::AskTrack => {
                let now = system.clock.now();
                let name = now.strftime("%Y-%m-%d_%H-%M_%a").to_string();
                self.front = Some(Front::SaveTrack(name, false));
            }
            Message::SaveTrack => return self.save_track(system, front),
            Message::Say(words) => return Ok(none.toast(words)),
        }
        Ok(none)
    }

    fn take_part(&mut self, part: Part) {
        if let Some(spot) = self.card.take() {
            self.route.take(spot, part);
        }
        self.front = Some(Front::Directions);
    }
}

impl Activity for MapActivity {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> MapActivity {
        let stored = Preferences::load(&system.files, PACKAGE, SETTINGS);
        MapActivity {
            first: !stored.flag(SKIPPED, false),
            pages: vec![Page::Map],
            look: Look::new(MIDDLE, 11, system.size()),
            card: None,
            front: None,
            words: String::new(),
            favorites: Vec::new(),
            changed: None,
            markers: Vec::new(),
            tracks: Vec::new(),
            history: Vec::new(),
            route: Route::default(),
            points: Vec::new(),
            undone: Vec::new(),
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        Effects::or_toast(store::make_folder(system).and_then(|()| self.reload(system)))
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        match !self.first && self.leave() {
            true => Effects::none(),
            false => Effects::none().finish(),
        }
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        Screen::new(views::page(self)).overlay(sheets::front(self))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}
