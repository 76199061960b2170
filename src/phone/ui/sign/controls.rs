//! Signs of what is done with something: the buttons of bars and menus.

use super::Part::{self, Arc as Bow, Block, Dot, Fill, Frame, Line, Ring};

/// `Icon::Add`.
pub const ADD: &[Part] = &[
    Line(&[(12.0, 5.0), (12.0, 19.0)]),
    Line(&[(5.0, 12.0), (19.0, 12.0)]),
];

/// `Icon::Apps`.
pub const APPS: &[Part] = &[
    Block(4.0, 4.0, 4.0, 4.0),
    Block(10.0, 4.0, 4.0, 4.0),
    Block(16.0, 4.0, 4.0, 4.0),
    Block(4.0, 10.0, 4.0, 4.0),
    Block(10.0, 10.0, 4.0, 4.0),
    Block(16.0, 10.0, 4.0, 4.0),
    Block(4.0, 16.0, 4.0, 4.0),
    Block(10.0, 16.0, 4.0, 4.0),
    Block(16.0, 16.0, 4.0, 4.0),
];

/// `Icon::Back`.
pub const BACK: &[Part] = &[
    Line(&[(20.0, 12.0), (4.5, 12.0)]),
    Line(&[(12.0, 4.5), (4.5, 12.0), (12.0, 19.5)]),
];

/// `Icon::Backspace`.
pub const BACKSPACE: &[Part] = &[
    Line(&[
        (8.0, 5.0),
        (22.0, 5.0),
        (22.0, 19.0),
        (8.0, 19.0),
        (2.5, 12.0),
        (8.0, 5.0),
    ]),
    Line(&[(11.0, 9.0), (17.0, 15.0)]),
    Line(&[(17.0, 9.0), (11.0, 15.0)]),
];

/// `Icon::Check`.
pub const CHECK: &[Part] = &[Line(&[(4.0, 12.5), (9.5, 18.0), (20.5, 6.5)])];

/// `Icon::ChevronRight`.
pub const CHEVRON_RIGHT: &[Part] = &[Line(&[(9.0, 5.5), (15.5, 12.0), (9.0, 18.5)])];

/// `Icon::Close`.
pub const CLOSE: &[Part] = &[
    Line(&[(5.5, 5.5), (18.5, 18.5)]),
    Line(&[(18.5, 5.5), (5.5, 18.5)]),
];

/// `Icon::Copy`.
pub const COPY: &[Part] = &[
    Frame(8.0, 7.0, 12.0, 14.0),
    Line(&[(16.0, 3.0), (4.0, 3.0), (4.0, 17.0)]),
];

/// `Icon::ArrowDown`.
pub const ARROW_DOWN: &[Part] = &[
    Line(&[(12.0, 4.0), (12.0, 19.5)]),
    Line(&[(5.0, 12.5), (12.0, 19.5), (19.0, 12.5)]),
];

/// `Icon::ArrowUp`.
pub const ARROW_UP: &[Part] = &[
    Line(&[(12.0, 20.0), (12.0, 4.5)]),
    Line(&[(5.0, 11.5), (12.0, 4.5), (19.0, 11.5)]),
];

/// `Icon::ArrowForward`.
pub const ARROW_FORWARD: &[Part] = &[
    Line(&[(4.0, 12.0), (19.5, 12.0)]),
    Line(&[(12.0, 4.5), (19.5, 12.0), (12.0, 19.5)]),
];

/// `Icon::Delete`.
pub const DELETE: &[Part] = &[
    Line(&[(4.0, 6.0), (20.0, 6.0)]),
    Line(&[(9.0, 6.0), (9.0, 3.5), (15.0, 3.5), (15.0, 6.0)]),
    Line(&[(6.0, 6.0), (7.0, 20.5), (17.0, 20.5), (18.0, 6.0)]),
    Line(&[(10.0, 10.0), (10.0, 16.5)]),
    Line(&[(14.0, 10.0), (14.0, 16.5)]),
];

/// `Icon::DropDown`.
pub const DROP_DOWN: &[Part] = &[Fill(&[(7.0, 10.0), (17.0, 10.0), (12.0, 15.0)])];

/// `Icon::Edit`.
pub const EDIT: &[Part] = &[
    Line(&[
        (4.0, 20.0),
        (4.5, 15.5),
        (16.0, 4.0),
        (20.0, 8.0),
        (8.5, 19.5),
        (4.0, 20.0),
    ]),
    Line(&[(13.5, 6.5), (17.5, 10.5)]),
];

/// `Icon::Enter`.
pub const ENTER: &[Part] = &[
    Line(&[(20.0, 6.0), (20.0, 13.0), (5.0, 13.0)]),
    Line(&[(10.0, 8.0), (5.0, 13.0), (10.0, 18.0)]),
];

/// `Icon::Expand`.
pub const EXPAND: &[Part] = &[Line(&[(5.5, 9.0), (12.0, 15.5), (18.5, 9.0)])];

/// `Icon::Collapse`.
pub const COLLAPSE: &[Part] = &[Line(&[(5.5, 15.0), (12.0, 8.5), (18.5, 15.0)])];

/// `Icon::List`.
pub const LIST: &[Part] = &[
    Dot(4.5, 6.0, 1.5),
    Dot(4.5, 12.0, 1.5),
    Dot(4.5, 18.0, 1.5),
    Line(&[(9.0, 6.0), (21.0, 6.0)]),
    Line(&[(9.0, 12.0), (21.0, 12.0)]),
    Line(&[(9.0, 18.0), (21.0, 18.0)]),
];

/// `Icon::Menu`.
pub const MENU: &[Part] = &[
    Line(&[(3.0, 6.0), (21.0, 6.0)]),
    Line(&[(3.0, 12.0), (21.0, 12.0)]),
    Line(&[(3.0, 18.0), (21.0, 18.0)]),
];

/// `Icon::More`.
pub const MORE: &[Part] = &[
    Dot(12.0, 5.5, 1.9),
    Dot(12.0, 12.0, 1.9),
    Dot(12.0, 18.5, 1.9),
];

/// `Icon::Pause`.
pub const PAUSE: &[Part] = &[Block(6.0, 5.0, 4.0, 14.0), Block(14.0, 5.0, 4.0, 14.0)];

/// `Icon::Play`.
pub const PLAY: &[Part] = &[Fill(&[(7.0, 4.5), (20.0, 12.0), (7.0, 19.5)])];

/// `Icon::Power`.
pub const POWER: &[Part] = &[
    Bow(12.0, 13.0, 8.0, -55.0, 290.0),
    Line(&[(12.0, 3.0), (12.0, 12.0)]),
];

/// `Icon::Redo`.
pub const REDO: &[Part] = &[
    Bow(11.0, 15.0, 7.5, 180.0, 130.0),
    Fill(&[(20.5, 5.5), (20.5, 13.5), (12.5, 13.5)]),
];

/// `Icon::Refresh`.
pub const REFRESH: &[Part] = &[
    Bow(12.0, 12.0, 7.5, -10.0, 310.0),
    Fill(&[(20.5, 4.0), (20.5, 11.5), (13.0, 11.5)]),
];

/// `Icon::Record`.
pub const RECORD: &[Part] = &[Ring(12.0, 12.0, 9.0), Dot(12.0, 12.0, 5.0)];

/// `Icon::Save`.
pub const SAVE: &[Part] = &[
    Line(&[
        (4.0, 4.0),
        (16.5, 4.0),
        (20.0, 7.5),
        (20.0, 20.0),
        (4.0, 20.0),
        (4.0, 4.0),
    ]),
    Block(7.0, 4.5, 8.0, 4.5),
    Dot(12.0, 15.0, 2.7),
];

/// `Icon::Search`.
pub const SEARCH: &[Part] = &[Ring(10.0, 10.0, 6.0), Line(&[(14.5, 14.5), (20.5, 20.5)])];

/// `Icon::Send`.
pub const SEND: &[Part] = &[Fill(&[
    (3.0, 4.0),
    (22.0, 12.0),
    (3.0, 20.0),
    (3.0, 14.0),
    (15.0, 12.0),
    (3.0, 10.0),
])];

/// `Icon::Share`.
pub const SHARE: &[Part] = &[
    Dot(18.0, 5.0, 2.7),
    Dot(6.0, 12.0, 2.7),
    Dot(18.0, 19.0, 2.7),
    Line(&[(18.0, 5.0), (6.0, 12.0), (18.0, 19.0)]),
];

/// `Icon::Shift`.
pub const SHIFT: &[Part] = &[Line(&[
    (12.0, 4.0),
    (20.0, 12.5),
    (15.5, 12.5),
    (15.5, 19.5),
    (8.5, 19.5),
    (8.5, 12.5),
    (4.0, 12.5),
    (12.0, 4.0),
])];

/// `Icon::Sort`.
pub const SORT: &[Part] = &[
    Line(&[(3.0, 6.0), (21.0, 6.0)]),
    Line(&[(3.0, 12.0), (15.0, 12.0)]),
    Line(&[(3.0, 18.0), (9.0, 18.0)]),
];

/// `Icon::Stop`.
pub const STOP: &[Part] = &[Block(6.0, 6.0, 12.0, 12.0)];

/// `Icon::Undo`.
pub const UNDO: &[Part] = &[
    Bow(13.0, 15.0, 7.5, 230.0, 130.0),
    Fill(&[(3.5, 5.5), (3.5, 13.5), (11.5, 13.5)]),
];
