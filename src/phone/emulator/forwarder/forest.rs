//! The windows as the forest of accessibility trees that the forwarder sends. Pure; uses the toolkit.

use crate::domain::BoundingBox;
use crate::phone::ui::Kind;
use crate::phone::ui::scene::{Node as SceneNode, Scene};
use crate::phone::window::{Layer, LayerKind};
use crate::wire::forwarder::{Action, Forest, Node, Rect, Tree, Window, WindowType};

/// `AccessibilityNodeInfo.ACTION_...`
const FOCUS: i32 = 1;
const CLICK: i32 = 16;
const LONG_CLICK: i32 = 32;
const SCROLL_FORWARD: i32 = 4_096;
const SCROLL_BACKWARD: i32 = 8_192;
const SET_TEXT: i32 = 2_097_152;

/// The forest of windows that are given the lowest first.
pub fn forest(layers: &[Layer]) -> Forest {
    let windows = layers.iter().zip(0..).map(|(layer, position)| Window {
        bounds: Some(rect(layer.frame)),
        display_id: 0,
        id: layer.id,
        layer: position,
        title: title(layer).to_owned(),
        window_type: match layer.kind {
            LayerKind::Application => WindowType::Application,
            LayerKind::InputMethod => WindowType::InputMethod,
            LayerKind::System => WindowType::System,
        } as i32,
        is_accessibility_focused: false,
        is_active: layer.active,
        is_focused: layer.active,
        tree: Some(tree(layer)),
    });
    Forest {
        windows: windows.collect(),
    }
}

/// An activity's simple name, or what a window of the system is called.
fn title(layer: &Layer) -> &str {
    match layer.kind {
        LayerKind::InputMethod => "Keyboard",
        LayerKind::System if layer.activity.is_empty() => "Status bar",
        _ => layer.activity.rsplit('.').next().unwrap_or_default(),
    }
}

fn rect(bounds: BoundingBox) -> Rect {
    Rect {
        left: bounds.x_min,
        top: bounds.y_min,
        right: bounds.x_max,
        bottom: bounds.y_max,
    }
}

/// What stands at a place of the tree.
enum Place {
    /// A view that every window has around its content: class, id and box.
    Around(&'static str, &'static str, BoundingBox),
    /// A widget, by its index.
    Widget(usize),
}

fn tree(layer: &Layer) -> Tree {
    let scene = &layer.scene;
    // The views around the content, as the dump of the same window has them.
    let around = [
        ("android.widget.FrameLayout", "", layer.frame),
        ("android.widget.LinearLayout", "", layer.frame),
        (
            "android.widget.FrameLayout",
            "android:id/content",
            scene.bounds,
        ),
    ];
    let mut places: Vec<(Place, i32)> = Vec::with_capacity(scene.nodes.len() + around.len());
    let mut nodes: Vec<Node> = Vec::with_capacity(scene.nodes.len() + around.len());
    places.push((Place::Around(around[0].0, around[0].1, around[0].2), 0));
    // Places are only ever added behind, so this goes through the tree breadth first.
    let mut next = 0;
    while let Some((place, depth)) = places.get(next) {
        let (depth, children) = (*depth, children(place, next, &around, scene));
        let mut node = match *place {
            Place::Around(class, id, bounds) => Node {
                class_name: class.to_owned(),
                view_id_resource_name: id.to_owned(),
                bounds: Some(rect(bounds)),
                is_enabled: true,
                is_visible_to_user: true,
                text_selection_start: -1,
                text_selection_end: -1,
                ..Node::default()
            },
            Place::Widget(index) => widget(layer, index),
        };
        node.unique_id = number(next);
        node.package_name = layer.package.to_string();
        node.window_id = layer.id;
        node.depth = depth;
        let first = places.len();
        node.child_ids = (first..first + children.len()).map(number).collect();
        places.extend(children.into_iter().map(|child| (child, depth + 1)));
        nodes.push(node);
        next += 1;
    }
    number_siblings(&mut nodes);
    Tree { nodes }
}

fn number(position: usize) -> i32 {
    i32::try_from(position).unwrap_or(i32::MAX)
}

fn number_siblings(nodes: &mut [Node]) {
    for parent in 0..nodes.len() {
        for (order, child) in (1..).zip(nodes[parent].child_ids.clone()) {
            if let Some(node) = usize::try_from(child).ok().and_then(|at| nodes.get_mut(at)) {
                node.drawing_order = order;
            }
        }
    }
}

fn children(
    place: &Place,
    position: usize,
    around: &[(&'static str, &'static str, BoundingBox); 3],
    scene: &Scene,
) -> Vec<Place> {
    let indices = match place {
        Place::Around(..) => match around.get(position + 1) {
            Some((class, id, bounds)) => return vec![Place::Around(class, id, *bounds)],
            None if scene.nodes.is_empty() => Vec::new(),
            None => vec![0],
        },
        Place::Widget(index) => scene.children(*index),
    };
    let mut found = Vec::with_capacity(indices.len());
    add_accessible(scene, &indices, &mut found);
    found
}

/// Adds widgets that are in the tree; those that are not give their place to their children.
fn add_accessible(scene: &Scene, indices: &[usize], found: &mut Vec<Place>) {
    for &index in indices {
        let node = &scene.nodes[index];
        if !node.placed || !node.widget.visible {
            continue;
        }
        match node.widget.accessible {
            true => found.push(Place::Widget(index)),
            false => add_accessible(scene, &scene.children(index), found),
        }
    }
}

fn widget(layer: &Layer, index: usize) -> Node {
    let node = &layer.scene.nodes[index];
    let widget = &node.widget;
    let visible = node.is_visible();
    let (hint, password, editable) = match &widget.kind {
        Kind::Field(field) => (field.hint.to_string(), field.password, true),
        _ => (String::new(), false, false),
    };
    let focus = layer.focus.filter(|focus| focus.node == index);
    let (start, end) = focus.map_or((-1, -1), |focus| focus.selection);
    let clickable = node.is_clickable();
    let slider = matches!(widget.kind, Kind::Slider { .. });
    let focusable = widget
        .focusable
        .unwrap_or(clickable || node.is_scrollable() || slider);
    let id = widget.id.as_deref().unwrap_or_default();
    Node {
        bounds: Some(rect(if visible {
            node.visible_bounds()
        } else {
            node.bounds
        })),
        class_name: widget.class.to_owned(),
        content_description: widget.description.as_deref().unwrap_or_default().to_owned(),
        hint_text: hint,
        text: node.text().into_owned(),
        text_selection_start: start,
        text_selection_end: end,
        view_id_resource_name: match id {
            "" => String::new(),
            id if id.contains(':') => id.to_owned(),
            id => format!("{}:id/{id}", layer.package),
        },
        is_checkable: node.checked().is_some(),
        is_checked: node.checked() == Some(true),
        is_clickable: clickable,
        is_editable: editable,
        is_enabled: node.enabled,
        is_focusable: focusable,
        is_long_clickable: node.is_long_clickable(),
        is_password: password,
        is_scrollable: node.is_scrollable(),
        is_selected: widget.selected,
        is_visible_to_user: visible,
        actions: actions(node, clickable, focusable, editable),
        ..Node::default()
    }
}

fn actions(node: &SceneNode, clickable: bool, focusable: bool, editable: bool) -> Vec<Action> {
    let scroll = node.scroll.filter(|_| node.enabled);
    let wanted = [
        (focusable, FOCUS),
        (clickable, CLICK),
        (node.is_long_clickable(), LONG_CLICK),
        (
            scroll.is_some_and(|scroll| scroll.offset < scroll.max),
            SCROLL_FORWARD,
        ),
        (
            scroll.is_some_and(|scroll| scroll.offset > 0),
            SCROLL_BACKWARD,
        ),
        (editable, SET_TEXT),
    ];
    let can = wanted.into_iter().filter(|(can, _)| *can);
    can.map(|(_, id)| Action {
        id,
        label: String::new(),
    })
    .collect()
}
