//! What touches on Joplin's screens mean.

use super::database::Place;
use super::open_note::NoteMessage;
use super::pages::Page;

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Opens or closes the sidebar.
    Drawer(bool),
    /// Lists the notes of a place.
    Show(Place),
    /// Shows or hides the notebooks in a notebook.
    Fold(String),
    /// Shows a page.
    Page(Page),
    /// The search.
    Search,
    /// The words of the search.
    Words(String),
    /// The arrow back.
    Up,
    /// Opens or closes the buttons above the plus.
    Fan(bool),
    /// Begins a note or a to-do.
    Create(bool),
    /// Opens a note, or chooses it among others.
    Open(String),
    /// Chooses a note, or not.
    Choose(String),
    /// Chooses all.
    ChooseAll,
    /// A to-do in the list is done, or not.
    Done(String, bool),
    /// Puts the chosen notes into the trash.
    DeleteChosen,
    /// Takes them out of it.
    RestoreChosen,
    /// Makes copies of them.
    DuplicateChosen,
    /// Asks where to put the chosen notes, or the open one.
    AskMove,
    /// Puts them into a notebook.
    MoveTo(String),
    /// Asks whether to delete them for good.
    AskRemove,
    /// Deletes them for good.
    Remove,
    /// Asks how to sort.
    Sort,
    /// Sorts by a column.
    SortBy(&'static str),
    /// Turns one of the list's switches.
    Turn(Switch),
    /// On the open note.
    Note(NoteMessage),
    /// The open note's menu.
    NoteMenu,
    /// Copies a link to the open note.
    CopyLink,
    /// Shows when the open note was written.
    Properties,
    /// What can be done with a notebook.
    FolderMenu(String),
    /// Opens the form of a notebook, or of a new one.
    EditFolder(Option<String>),
    /// The name in the form.
    FolderTitle(String),
    /// Stores the form.
    SaveFolder,
    /// Asks whether to put a notebook into the trash.
    AskDiscard(String),
    /// Puts it there.
    Discard(String),
    /// Closes a dialog or menu.
    Dismiss,
    /// Only says something.
    Say(&'static str),
}

/// A switch of the list.
#[derive(Debug, Clone, Copy)]
pub enum Switch {
    /// The other way round.
    Reverse,
    /// Open to-dos first.
    OpenFirst,
    /// Done to-dos are listed.
    ShowCompleted,
}
