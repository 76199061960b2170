//! Tests of the layout: sizes, places, and that nothing visible leaves its parent.

use proptest::prelude::*;

use super::*;
use crate::phone::ui::{Align, Length, blank, column, list, row, spacer, stack, stretch, text};

fn lay(root: Widget<Erased>, width: i32, height: i32) -> Scene {
    layout(root, BoundingBox::new(0, 0, width, height), 2.0, &|_| 0)
}

#[test]
fn rows_share_what_is_left_and_centre_across() {
    let scene = lay(
        row(vec![
            blank().size(10.0, 10.0),
            blank().weight_width(1.0).height(Length::Dp(20.0)),
            blank().weight_width(3.0).height(Length::Fill),
        ]),
        420,
        999,
    );
    let bounds: Vec<String> = scene
        .nodes
        .iter()
        .map(|node| node.bounds.to_string())
        .collect();
    assert_eq!(
        bounds,
        [
            "[0,0][420,999]",
            "[0,489][20,509]",
            "[20,479][120,519]",
            "[120,0][420,999]"
        ]
    );
}

#[test]
fn padding_margins_and_gaps_add_up() {
    let scene = lay(
        column(vec![
            blank().size(10.0, 5.0).margin(3.0),
            blank().size(10.0, 5.0),
            spacer(4.0),
        ])
        .padding(1.0)
        .gap(2.0)
        .cross(Align::End),
        100,
        100,
    );
    assert_eq!(scene.nodes[1].bounds, BoundingBox::new(72, 8, 92, 18));
    assert_eq!(scene.nodes[2].bounds, BoundingBox::new(78, 28, 98, 38));
    assert_eq!(scene.nodes[3].bounds, BoundingBox::new(90, 42, 98, 50));
}

#[test]
fn wrapping_parents_are_not_blown_up_by_filling_children() {
    let scene = lay(
        column(vec![
            row(vec![text("a"), stretch(), text("b")]),
            stack(vec![blank().size(30.0, 30.0), blank().fill()]),
        ]),
        200,
        1000,
    );
    assert!(
        scene.nodes[1].bounds.height() < 60,
        "{}",
        scene.nodes[1].bounds
    );
    let wrapped = &scene.nodes[5];
    assert_eq!((wrapped.bounds.width(), wrapped.bounds.height()), (60, 60));
    assert_eq!(scene.nodes[7].bounds, wrapped.bounds);
}

#[test]
fn rows_outside_of_a_list_have_no_place_but_count_for_its_length() {
    let rows: Vec<Widget<Erased>> = (0..100)
        .map(|_| column(vec![blank().size(10.0, 10.0)]).height(Length::Dp(50.0)))
        .collect();
    let bounds = BoundingBox::new(0, 0, 200, 400);
    let scene = layout(list(rows), bounds, 2.0, &|_| 250);
    let scroll = scene.nodes[0].scroll.unwrap();
    assert_eq!((scroll.offset, scroll.max), (250, 100 * 100 - 400));
    // Rows 2 to 6 are seen, of row 2 only the part without its child.
    let placed = scene.nodes.iter().filter(|node| node.placed).count();
    assert_eq!(placed, 1 + 5 * 2);
    let end = layout(
        list((0..3).map(|_| blank().size(10.0, 10.0)).collect()),
        bounds,
        2.0,
        &|_| i32::MAX,
    );
    assert_eq!(end.nodes[0].scroll.unwrap().offset, 0);
}

fn tree() -> impl Strategy<Value = ByDebug> {
    let length = prop_oneof![
        Just(Length::Wrap),
        Just(Length::Fill),
        (1u8..90).prop_map(|dp| Length::Dp(f32::from(dp))),
        (1u8..4).prop_map(|weight| Length::Weight(f32::from(weight))),
    ];
    let leaf = (length.clone(), length.clone(), ".{0,20}")
        .prop_map(|(width, height, words)| ByDebug(text(words).width(width).height(height)));
    leaf.prop_recursive(4, 40, 5, move |inner| {
        let children = prop::collection::vec(inner, 0..5);
        (children, 0u8..4, length.clone(), length.clone(), 0u8..9).prop_map(
            |(children, kind, width, height, padding)| {
                let children = children.into_iter().map(|child| child.0).collect();
                let widget = match kind {
                    0 => row(children),
                    1 => column(children),
                    2 => stack(children),
                    _ => list(children),
                };
                ByDebug(
                    widget
                        .width(width)
                        .height(height)
                        .padding(f32::from(padding)),
                )
            },
        )
    })
}

/// A widget that proptest can print.
#[derive(Clone)]
struct ByDebug(Widget<Erased>);

impl std::fmt::Debug for ByDebug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.0.class, self.0.width)?;
        f.debug_list()
            .entries(self.0.children().iter().cloned().map(ByDebug))
            .finish()
    }
}

proptest! {
    #[test]
    fn whatever_the_tree_what_is_visible_lies_in_its_parent(root in tree()) {
        let scene = lay(root.0, 400, 700);
        for (index, node) in scene.nodes.iter().enumerate() {
            prop_assert!(node.end > index && node.end <= scene.nodes.len());
            if node.is_visible() {
                let parent = &scene.nodes[node.parent];
                let visible = node.visible_bounds();
                prop_assert_eq!(visible.intersection(&parent.bounds), visible);
                prop_assert_eq!(visible.intersection(&scene.bounds), visible);
            }
        }
    }
}
