//! The pages of OsmAnd, what can be in front of them, and what a touch means.

use super::places::{Position, Spot};

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The map.
    Map,
    /// The search.
    Search,
    /// The form of a favourite.
    Favorite,
    /// Favourites, or tracks.
    Places {
        /// Tracks.
        tracks: bool,
    },
    /// Markers.
    Markers,
    /// The legs of a route.
    Route,
    /// The map with points that are to become a track.
    Plan,
}

/// A window in front of the page.
#[derive(Debug, Clone, PartialEq)]
pub enum Front {
    /// The menu from the left.
    Drawer,
    /// What else can be done with the point.
    Actions,
    /// What the point becomes in the route.
    Waypoint,
    /// The route's ends.
    Directions,
    /// How to begin a track.
    PlanStart,
    /// The name of a new track, and whether that is taken.
    SaveTrack(String, bool),
    /// Whether to delete a favourite.
    DeleteFavorite(usize),
    /// Whether to delete a track.
    DeleteTrack(usize),
}

/// What a point becomes in a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The start.
    From,
    /// The only destination.
    To,
    /// The destination after the present one.
    Next,
    /// The first point on the way.
    First,
    /// The last point on the way.
    Last,
}

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Ends the first-run page.
    Skip,
    /// Opens a page.
    Go(Page),
    /// One step out.
    Up,
    /// Opens a window.
    Open(Front),
    /// Closes what is in front.
    Dismiss,
    /// Moves the map by parts of its size.
    Move(i32, i32),
    /// Makes the map larger or smaller.
    Zoom(i32),
    /// A tap on the map.
    Tap(Position),
    /// A long press on the map.
    Hold(Position),
    /// Typed into the page's or window's field.
    Typed(String),
    /// Empties the search.
    Clear,
    /// Shows a place on the map.
    Show(Spot),
    /// Closes the point's card.
    CloseCard,
    /// Adds the point to the favourites, or opens it there.
    Favorite,
    /// Stores the favourite.
    SaveFavorite,
    /// Deletes a favourite, a track.
    Delete,
    /// Sets a marker at the point, or takes it away.
    Marker,
    /// Takes a marker away.
    DeleteMarker(usize),
    /// Directions to the point.
    Directions,
    /// Makes the point a part of the route.
    Route(Part),
    /// Forgets the route.
    ClearRoute,
    /// Begins a track, at the point or without points.
    Plan(bool),
    /// Adds the middle of the map to the track.
    AddPoint,
    /// Takes the last point away, or back.
    Undo(bool),
    /// Asks for a track's name.
    AskTrack,
    /// Stores the track.
    SaveTrack,
    /// Only says something.
    Say(&'static str),
}
