//! The drawings of the icons: a few strokes each on a 24 x 24 grid, made into coverage once per size.
//! Uses tiny-skia.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use tiny_skia::{FillRule, Mask as SkiaMask, PathBuilder, Rect, Stroke, Transform};

use super::font::Mask;
use super::icon::Icon;

/// One stroke or filled figure.
enum Part {
    /// Points joined by a line of the usual width.
    Line(&'static [(f32, f32)]),
    /// A filled polygon.
    Fill(&'static [(f32, f32)]),
    /// A circle's outline: centre x, y and radius.
    Ring(f32, f32, f32),
    /// A filled circle.
    Dot(f32, f32, f32),
    /// A rectangle's outline: left, top, width, height.
    Frame(f32, f32, f32, f32),
    /// A filled rectangle.
    Block(f32, f32, f32, f32),
    /// A part of a circle's outline: centre x, y, radius, begin and sweep in degrees clockwise from the right.
    Arc(f32, f32, f32, f32, f32),
}

use Part::{Arc as Bow, Block, Dot, Fill, Frame, Line, Ring};

fn parts(icon: Icon) -> &'static [Part] {
    match icon {
        Icon::Add => &[
            Line(&[(12.0, 5.0), (12.0, 19.0)]),
            Line(&[(5.0, 12.0), (19.0, 12.0)]),
        ],
        Icon::Alarm => &[
            Ring(12.0, 13.0, 7.0),
            Line(&[(12.0, 9.0), (12.0, 13.0), (15.0, 15.0)]),
            Line(&[(3.0, 6.5), (7.0, 3.0)]),
            Line(&[(21.0, 6.5), (17.0, 3.0)]),
        ],
        Icon::Airplane => &[Fill(&[
            (12.0, 2.0),
            (13.4, 3.5),
            (13.4, 9.0),
            (21.0, 14.0),
            (21.0, 16.0),
            (13.4, 13.6),
            (13.4, 19.0),
            (15.6, 20.6),
            (15.6, 22.0),
            (12.0, 21.0),
            (8.4, 22.0),
            (8.4, 20.6),
            (10.6, 19.0),
            (10.6, 13.6),
            (3.0, 16.0),
            (3.0, 14.0),
            (10.6, 9.0),
            (10.6, 3.5),
        ])],
        Icon::Apps => &[
            Block(4.0, 4.0, 4.0, 4.0),
            Block(10.0, 4.0, 4.0, 4.0),
            Block(16.0, 4.0, 4.0, 4.0),
            Block(4.0, 10.0, 4.0, 4.0),
            Block(10.0, 10.0, 4.0, 4.0),
            Block(16.0, 10.0, 4.0, 4.0),
            Block(4.0, 16.0, 4.0, 4.0),
            Block(10.0, 16.0, 4.0, 4.0),
            Block(16.0, 16.0, 4.0, 4.0),
        ],
        Icon::Back => &[
            Line(&[(20.0, 12.0), (4.5, 12.0)]),
            Line(&[(12.0, 4.5), (4.5, 12.0), (12.0, 19.5)]),
        ],
        Icon::Backspace => &[
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
        ],
        Icon::Battery => &[Block(7.0, 4.0, 10.0, 18.0), Block(10.0, 2.0, 4.0, 2.0)],
        Icon::Bluetooth => &[Line(&[
            (6.5, 7.5),
            (17.0, 16.5),
            (12.0, 21.0),
            (12.0, 3.0),
            (17.0, 7.5),
            (6.5, 16.5),
        ])],
        Icon::Brightness => &[
            Ring(12.0, 12.0, 4.5),
            Line(&[(12.0, 1.5), (12.0, 4.5)]),
            Line(&[(12.0, 19.5), (12.0, 22.5)]),
            Line(&[(1.5, 12.0), (4.5, 12.0)]),
            Line(&[(19.5, 12.0), (22.5, 12.0)]),
            Line(&[(4.5, 4.5), (6.5, 6.5)]),
            Line(&[(17.5, 17.5), (19.5, 19.5)]),
            Line(&[(4.5, 19.5), (6.5, 17.5)]),
            Line(&[(17.5, 6.5), (19.5, 4.5)]),
        ],
        Icon::Calendar => &[
            Frame(4.0, 5.0, 16.0, 16.0),
            Block(4.0, 5.0, 16.0, 4.5),
            Line(&[(8.0, 2.5), (8.0, 6.0)]),
            Line(&[(16.0, 2.5), (16.0, 6.0)]),
            Block(13.0, 14.0, 4.0, 4.0),
        ],
        Icon::Camera => &[
            Line(&[
                (3.0, 7.0),
                (7.5, 7.0),
                (9.0, 4.5),
                (15.0, 4.5),
                (16.5, 7.0),
                (21.0, 7.0),
                (21.0, 19.5),
                (3.0, 19.5),
                (3.0, 7.0),
            ]),
            Ring(12.0, 13.0, 4.0),
        ],
        Icon::Check => &[Line(&[(4.0, 12.5), (9.5, 18.0), (20.5, 6.5)])],
        Icon::ChevronRight => &[Line(&[(9.0, 5.5), (15.5, 12.0), (9.0, 18.5)])],
        Icon::Clock => &[
            Ring(12.0, 12.0, 9.0),
            Line(&[(12.0, 6.5), (12.0, 12.0), (16.0, 14.5)]),
        ],
        Icon::Close => &[
            Line(&[(5.5, 5.5), (18.5, 18.5)]),
            Line(&[(18.5, 5.5), (5.5, 18.5)]),
        ],
        Icon::Copy => &[
            Frame(8.0, 7.0, 12.0, 14.0),
            Line(&[(16.0, 3.0), (4.0, 3.0), (4.0, 17.0)]),
        ],
        Icon::ArrowDown => &[
            Line(&[(12.0, 4.0), (12.0, 19.5)]),
            Line(&[(5.0, 12.5), (12.0, 19.5), (19.0, 12.5)]),
        ],
        Icon::ArrowUp => &[
            Line(&[(12.0, 20.0), (12.0, 4.5)]),
            Line(&[(5.0, 11.5), (12.0, 4.5), (19.0, 11.5)]),
        ],
        Icon::ArrowForward => &[
            Line(&[(4.0, 12.0), (19.5, 12.0)]),
            Line(&[(12.0, 4.5), (19.5, 12.0), (12.0, 19.5)]),
        ],
        Icon::Delete => &[
            Line(&[(4.0, 6.0), (20.0, 6.0)]),
            Line(&[(9.0, 6.0), (9.0, 3.5), (15.0, 3.5), (15.0, 6.0)]),
            Line(&[(6.0, 6.0), (7.0, 20.5), (17.0, 20.5), (18.0, 6.0)]),
            Line(&[(10.0, 10.0), (10.0, 16.5)]),
            Line(&[(14.0, 10.0), (14.0, 16.5)]),
        ],
        Icon::Document => &[
            Line(&[
                (14.0, 3.0),
                (5.0, 3.0),
                (5.0, 21.0),
                (19.0, 21.0),
                (19.0, 8.0),
                (14.0, 3.0),
                (14.0, 8.0),
                (19.0, 8.0),
            ]),
            Line(&[(8.5, 13.0), (15.5, 13.0)]),
            Line(&[(8.5, 17.0), (15.5, 17.0)]),
        ],
        Icon::DropDown => &[Fill(&[(7.0, 10.0), (17.0, 10.0), (12.0, 15.0)])],
        Icon::Edit => &[
            Line(&[
                (4.0, 20.0),
                (4.5, 15.5),
                (16.0, 4.0),
                (20.0, 8.0),
                (8.5, 19.5),
                (4.0, 20.0),
            ]),
            Line(&[(13.5, 6.5), (17.5, 10.5)]),
        ],
        Icon::Emoji => &[
            Ring(12.0, 12.0, 9.0),
            Dot(8.7, 9.5, 1.5),
            Dot(15.3, 9.5, 1.5),
            Bow(12.0, 12.5, 5.0, 20.0, 140.0),
        ],
        Icon::Enter => &[
            Line(&[(20.0, 6.0), (20.0, 13.0), (5.0, 13.0)]),
            Line(&[(10.0, 8.0), (5.0, 13.0), (10.0, 18.0)]),
        ],
        Icon::Expand => &[Line(&[(5.5, 9.0), (12.0, 15.5), (18.5, 9.0)])],
        Icon::Collapse => &[Line(&[(5.5, 15.0), (12.0, 8.5), (18.5, 15.0)])],
        Icon::Eye => &[
            Bow(12.0, 18.0, 11.5, 215.0, 110.0),
            Bow(12.0, 6.0, 11.5, 35.0, 110.0),
            Dot(12.0, 12.0, 3.0),
        ],
        Icon::Flag => &[Line(&[
            (6.0, 21.0),
            (6.0, 4.0),
            (18.5, 4.0),
            (15.5, 8.5),
            (18.5, 13.0),
            (6.0, 13.0),
        ])],
        Icon::Flashlight => &[
            Line(&[
                (7.0, 3.0),
                (17.0, 3.0),
                (17.0, 7.0),
                (14.5, 11.0),
                (14.5, 21.0),
                (9.5, 21.0),
                (9.5, 11.0),
                (7.0, 7.0),
                (7.0, 3.0),
            ]),
            Dot(12.0, 13.5, 1.3),
        ],
        Icon::Folder => &[Fill(&[
            (3.0, 5.0),
            (10.0, 5.0),
            (12.0, 7.0),
            (21.0, 7.0),
            (21.0, 19.0),
            (3.0, 19.0),
        ])],
        Icon::Globe => &[
            Ring(12.0, 12.0, 9.0),
            Line(&[(3.0, 12.0), (21.0, 12.0)]),
            Bow(17.5, 12.0, 10.5, 121.0, 118.0),
            Bow(6.5, 12.0, 10.5, -59.0, 118.0),
        ],
        Icon::Heart => &[Fill(&[
            (12.0, 21.0),
            (3.0, 11.5),
            (3.0, 7.0),
            (5.5, 4.5),
            (9.0, 4.5),
            (12.0, 7.5),
            (15.0, 4.5),
            (18.5, 4.5),
            (21.0, 7.0),
            (21.0, 11.5),
        ])],
        Icon::Home => &[
            Line(&[(3.0, 12.0), (12.0, 3.5), (21.0, 12.0)]),
            Line(&[(6.0, 10.0), (6.0, 20.5), (18.0, 20.5), (18.0, 10.0)]),
        ],
        Icon::Image => &[
            Frame(3.5, 4.0, 17.0, 16.0),
            Fill(&[
                (5.5, 17.5),
                (9.5, 12.0),
                (12.0, 15.0),
                (15.0, 11.0),
                (18.5, 17.5),
            ]),
            Dot(8.3, 8.5, 1.6),
        ],
        Icon::Info => &[
            Ring(12.0, 12.0, 9.0),
            Line(&[(12.0, 11.0), (12.0, 17.0)]),
            Dot(12.0, 7.5, 1.3),
        ],
        Icon::Key => &[
            Ring(7.5, 12.0, 4.0),
            Line(&[(11.5, 12.0), (21.0, 12.0), (21.0, 16.0)]),
            Line(&[(17.0, 12.0), (17.0, 15.0)]),
        ],
        Icon::List => &[
            Dot(4.5, 6.0, 1.5),
            Dot(4.5, 12.0, 1.5),
            Dot(4.5, 18.0, 1.5),
            Line(&[(9.0, 6.0), (21.0, 6.0)]),
            Line(&[(9.0, 12.0), (21.0, 12.0)]),
            Line(&[(9.0, 18.0), (21.0, 18.0)]),
        ],
        Icon::Location => &[
            Bow(12.0, 9.5, 7.0, 150.0, 240.0),
            Line(&[(5.9, 13.0), (12.0, 22.0), (18.1, 13.0)]),
            Dot(12.0, 9.5, 2.4),
        ],
        Icon::Lock => &[
            Frame(5.0, 10.0, 14.0, 11.0),
            Bow(12.0, 8.5, 4.5, 180.0, 180.0),
            Line(&[(7.5, 8.0), (7.5, 10.0)]),
            Line(&[(16.5, 8.0), (16.5, 10.0)]),
            Dot(12.0, 15.5, 1.8),
        ],
        Icon::Mail => &[
            Frame(3.0, 5.0, 18.0, 14.0),
            Line(&[(3.5, 6.0), (12.0, 13.0), (20.5, 6.0)]),
        ],
        Icon::Menu => &[
            Line(&[(3.0, 6.0), (21.0, 6.0)]),
            Line(&[(3.0, 12.0), (21.0, 12.0)]),
            Line(&[(3.0, 18.0), (21.0, 18.0)]),
        ],
        Icon::Message => &[
            Line(&[
                (3.0, 4.0),
                (21.0, 4.0),
                (21.0, 17.0),
                (7.0, 17.0),
                (3.0, 21.0),
                (3.0, 4.0),
            ]),
            Line(&[(7.0, 8.5), (17.0, 8.5)]),
            Line(&[(7.0, 12.5), (14.0, 12.5)]),
        ],
        Icon::Microphone => &[
            Fill(&[
                (9.0, 4.0),
                (10.5, 2.5),
                (13.5, 2.5),
                (15.0, 4.0),
                (15.0, 12.0),
                (13.5, 14.0),
                (10.5, 14.0),
                (9.0, 12.0),
            ]),
            Bow(12.0, 11.0, 6.5, 0.0, 180.0),
            Line(&[(12.0, 17.5), (12.0, 21.5)]),
        ],
        Icon::Money => &[Frame(2.5, 6.0, 19.0, 12.0), Ring(12.0, 12.0, 3.0)],
        Icon::More => &[
            Dot(12.0, 5.5, 1.9),
            Dot(12.0, 12.0, 1.9),
            Dot(12.0, 18.5, 1.9),
        ],
        Icon::Music => &[
            Dot(8.0, 18.0, 3.2),
            Line(&[
                (10.5, 18.0),
                (10.5, 4.0),
                (18.0, 4.0),
                (18.0, 8.0),
                (10.5, 8.0),
            ]),
        ],
        Icon::Notification => &[
            Line(&[
                (4.0, 18.0),
                (6.0, 15.5),
                (6.0, 11.0),
                (8.0, 6.5),
                (12.0, 5.0),
                (16.0, 6.5),
                (18.0, 11.0),
                (18.0, 15.5),
                (20.0, 18.0),
                (4.0, 18.0),
            ]),
            Line(&[(12.0, 2.5), (12.0, 5.0)]),
            Dot(12.0, 20.5, 1.8),
        ],
        Icon::Pause => &[Block(6.0, 5.0, 4.0, 14.0), Block(14.0, 5.0, 4.0, 14.0)],
        Icon::Person => &[
            Dot(12.0, 8.0, 4.2),
            Fill(&[
                (4.0, 20.0),
                (4.0, 17.5),
                (6.5, 15.3),
                (12.0, 14.0),
                (17.5, 15.3),
                (20.0, 17.5),
                (20.0, 20.0),
            ]),
        ],
        Icon::Phone => &[Fill(&[
            (4.0, 4.0),
            (8.5, 4.0),
            (9.8, 9.0),
            (7.2, 11.0),
            (9.5, 14.3),
            (13.0, 16.8),
            (15.0, 14.2),
            (20.0, 15.5),
            (20.0, 20.0),
            (15.0, 19.8),
            (8.5, 15.8),
            (4.5, 9.5),
        ])],
        Icon::Play => &[Fill(&[(7.0, 4.5), (20.0, 12.0), (7.0, 19.5)])],
        Icon::Power => &[
            Bow(12.0, 13.0, 8.0, -55.0, 290.0),
            Line(&[(12.0, 3.0), (12.0, 12.0)]),
        ],
        Icon::Redo => &[
            Bow(11.0, 15.0, 7.5, 180.0, 130.0),
            Fill(&[(20.5, 5.5), (20.5, 13.5), (12.5, 13.5)]),
        ],
        Icon::Refresh => &[
            Bow(12.0, 12.0, 7.5, -10.0, 310.0),
            Fill(&[(20.5, 4.0), (20.5, 11.5), (13.0, 11.5)]),
        ],
        Icon::Record => &[Ring(12.0, 12.0, 9.0), Dot(12.0, 12.0, 5.0)],
        Icon::Save => &[
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
        ],
        Icon::Search => &[Ring(10.0, 10.0, 6.0), Line(&[(14.5, 14.5), (20.5, 20.5)])],
        Icon::Send => &[Fill(&[
            (3.0, 4.0),
            (22.0, 12.0),
            (3.0, 20.0),
            (3.0, 14.0),
            (15.0, 12.0),
            (3.0, 10.0),
        ])],
        Icon::Settings => &[
            Ring(12.0, 12.0, 6.5),
            Ring(12.0, 12.0, 2.5),
            Line(&[(12.0, 2.5), (12.0, 5.5)]),
            Line(&[(12.0, 18.5), (12.0, 21.5)]),
            Line(&[(3.8, 7.2), (6.4, 8.7)]),
            Line(&[(17.6, 15.3), (20.2, 16.8)]),
            Line(&[(3.8, 16.8), (6.4, 15.3)]),
            Line(&[(17.6, 8.7), (20.2, 7.2)]),
        ],
        Icon::Share => &[
            Dot(18.0, 5.0, 2.7),
            Dot(6.0, 12.0, 2.7),
            Dot(18.0, 19.0, 2.7),
            Line(&[(18.0, 5.0), (6.0, 12.0), (18.0, 19.0)]),
        ],
        Icon::Shift => &[Line(&[
            (12.0, 4.0),
            (20.0, 12.5),
            (15.5, 12.5),
            (15.5, 19.5),
            (8.5, 19.5),
            (8.5, 12.5),
            (4.0, 12.5),
            (12.0, 4.0),
        ])],
        Icon::Signal => &[Fill(&[(2.0, 21.0), (21.0, 2.0), (21.0, 21.0)])],
        Icon::Sort => &[
            Line(&[(3.0, 6.0), (21.0, 6.0)]),
            Line(&[(3.0, 12.0), (15.0, 12.0)]),
            Line(&[(3.0, 18.0), (9.0, 18.0)]),
        ],
        Icon::Star => &[Fill(&[
            (12.0, 2.5),
            (14.9, 8.7),
            (21.5, 9.5),
            (16.6, 14.1),
            (17.9, 20.8),
            (12.0, 17.5),
            (6.1, 20.8),
            (7.4, 14.1),
            (2.5, 9.5),
            (9.1, 8.7),
        ])],
        Icon::StarOutline => &[Line(&[
            (12.0, 3.0),
            (14.7, 8.9),
            (21.0, 9.6),
            (16.3, 14.0),
            (17.6, 20.3),
            (12.0, 17.2),
            (6.4, 20.3),
            (7.7, 14.0),
            (3.0, 9.6),
            (9.3, 8.9),
            (12.0, 3.0),
        ])],
        Icon::Stop => &[Block(6.0, 6.0, 12.0, 12.0)],
        Icon::Stopwatch => &[
            Ring(12.0, 14.0, 7.5),
            Line(&[(9.0, 2.5), (15.0, 2.5)]),
            Line(&[(12.0, 2.5), (12.0, 6.0)]),
            Line(&[(12.0, 14.0), (12.0, 9.5)]),
            Line(&[(17.5, 8.0), (19.5, 6.0)]),
        ],
        Icon::Storage => &[
            Frame(3.0, 4.0, 18.0, 7.0),
            Frame(3.0, 13.0, 18.0, 7.0),
            Dot(7.0, 7.5, 1.2),
            Dot(7.0, 16.5, 1.2),
        ],
        Icon::Tag => &[
            Line(&[
                (4.0, 4.0),
                (12.0, 4.0),
                (21.0, 13.0),
                (13.0, 21.0),
                (4.0, 12.0),
                (4.0, 4.0),
            ]),
            Dot(8.0, 8.0, 1.6),
        ],
        Icon::Timer => &[
            Line(&[(6.0, 3.0), (18.0, 3.0)]),
            Line(&[(6.0, 21.0), (18.0, 21.0)]),
            Line(&[
                (7.5, 3.0),
                (7.5, 7.0),
                (12.0, 12.0),
                (16.5, 7.0),
                (16.5, 3.0),
            ]),
            Line(&[
                (7.5, 21.0),
                (7.5, 17.0),
                (12.0, 12.0),
                (16.5, 17.0),
                (16.5, 21.0),
            ]),
        ],
        Icon::Undo => &[
            Bow(13.0, 15.0, 7.5, 230.0, 130.0),
            Fill(&[(3.5, 5.5), (3.5, 13.5), (11.5, 13.5)]),
        ],
        Icon::Video => &[Fill(&[
            (3.0, 6.0),
            (16.0, 6.0),
            (16.0, 10.5),
            (21.0, 7.0),
            (21.0, 17.0),
            (16.0, 13.5),
            (16.0, 18.0),
            (3.0, 18.0),
        ])],
        Icon::Volume => &[
            Fill(&[
                (3.0, 9.0),
                (7.0, 9.0),
                (12.0, 4.0),
                (12.0, 20.0),
                (7.0, 15.0),
                (3.0, 15.0),
            ]),
            Bow(12.0, 12.0, 4.5, -50.0, 100.0),
            Bow(12.0, 12.0, 8.5, -50.0, 100.0),
        ],
        Icon::Warning => &[
            Line(&[(12.0, 3.5), (22.0, 20.5), (2.0, 20.5), (12.0, 3.5)]),
            Line(&[(12.0, 10.0), (12.0, 14.5)]),
            Dot(12.0, 17.5, 1.2),
        ],
        Icon::Wifi => &[Fill(&[
            (12.0, 20.5),
            (1.5, 8.0),
            (5.0, 5.6),
            (9.0, 4.4),
            (12.0, 4.1),
            (15.0, 4.4),
            (19.0, 5.6),
            (22.5, 8.0),
        ])],
        Icon::WifiOff => &[
            Line(&[
                (12.0, 20.0),
                (2.0, 8.0),
                (6.0, 5.6),
                (12.0, 4.3),
                (18.0, 5.6),
                (22.0, 8.0),
                (12.0, 20.0),
            ]),
            Line(&[(4.0, 3.0), (20.0, 20.0)]),
        ],
        Icon::Letter(_) => &[],
    }
}

type Signs = RwLock<HashMap<(Icon, i32), Arc<Mask>>>;

/// The coverage of an icon in a square of `size` pixels; made once per process.
pub fn mask(icon: Icon, size: i32) -> Arc<Mask> {
    static SIGNS: OnceLock<Signs> = OnceLock::new();
    let signs = SIGNS.get_or_init(Signs::default);
    let size = size.clamp(1, 2048);
    let known = signs
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&(icon, size))
        .cloned();
    known.unwrap_or_else(|| {
        let made = Arc::new(rasterize(icon, size));
        signs
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((icon, size), made.clone());
        made
    })
}

fn rasterize(icon: Icon, size: i32) -> Mask {
    let side = size as u32;
    let mut coverage = vec![0; (size * size) as usize];
    if let Some(mut canvas) = SkiaMask::new(side, side) {
        let scale = Transform::from_scale(size as f32 / 24.0, size as f32 / 24.0);
        let stroke = Stroke {
            width: 2.0,
            ..Stroke::default()
        };
        for part in parts(icon) {
            let mut builder = PathBuilder::new();
            let filled = trace(part, &mut builder);
            let Some(path) = builder.finish() else {
                continue;
            };
            let path = if filled {
                Some(path)
            } else {
                path.stroke(&stroke, size as f32 / 24.0)
            };
            if let Some(path) = path {
                canvas.fill_path(&path, FillRule::Winding, true, scale);
            }
        }
        coverage.copy_from_slice(canvas.data());
    }
    Mask {
        left: 0,
        top: 0,
        width: size,
        height: size,
        coverage,
    }
}

/// Adds a part's path; true when it is to be filled, not stroked.
fn trace(part: &Part, builder: &mut PathBuilder) -> bool {
    let polygon = |points: &[(f32, f32)], builder: &mut PathBuilder| {
        for (position, &(x, y)) in points.iter().enumerate() {
            if position == 0 {
                builder.move_to(x, y);
            } else {
                builder.line_to(x, y);
            }
        }
    };
    match *part {
        Line(points) => {
            polygon(points, builder);
            if points.len() > 2 && points.first() == points.last() {
                builder.close();
            }
            false
        }
        Fill(points) => {
            polygon(points, builder);
            builder.close();
            true
        }
        Ring(x, y, radius) => {
            builder.push_circle(x, y, radius);
            false
        }
        Dot(x, y, radius) => {
            builder.push_circle(x, y, radius);
            true
        }
        Frame(x, y, width, height) | Block(x, y, width, height) => {
            if let Some(rectangle) = Rect::from_xywh(x, y, width, height) {
                builder.push_rect(rectangle);
            }
            matches!(part, Block(..))
        }
        Bow(x, y, radius, begin, sweep) => {
            let steps = 24;
            for step in 0..=steps {
                let angle = (begin + sweep * step as f32 / steps as f32).to_radians();
                let (px, py) = (x + radius * angle.cos(), y + radius * angle.sin());
                if step == 0 {
                    builder.move_to(px, py);
                } else {
                    builder.line_to(px, py);
                }
            }
            false
        }
    }
}
