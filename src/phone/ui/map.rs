//! Wrapping the messages of a tree: for parts with messages of their own, and to hide an activity's message
//! type from the window manager.

use std::sync::Arc;

use super::activity::{Overlay, Screen};
use super::attributes::{Field, Handler};
use super::widget::{Kind, Widget};

impl<M: 'static> Screen<M> {
    /// Wraps every message.
    pub fn map<N: 'static>(
        self,
        wrap: &(impl Fn(M) -> N + Clone + Send + Sync + 'static),
    ) -> Screen<N> {
        Screen {
            root: self.root.map(|root| root.map(wrap)),
            overlays: self
                .overlays
                .into_iter()
                .map(|overlay| overlay.map(wrap))
                .collect(),
            background: self.background,
            light_status: self.light_status,
            edge_to_edge: self.edge_to_edge,
        }
    }
}

impl<M: 'static> Overlay<M> {
    /// Wraps every message.
    pub fn map<N: 'static>(
        self,
        wrap: &(impl Fn(M) -> N + Clone + Send + Sync + 'static),
    ) -> Overlay<N> {
        Overlay {
            root: self.root.map(wrap),
            kind: self.kind,
            on_dismiss: self.on_dismiss.map(wrap),
        }
    }
}

fn wrap_handler<I: 'static, M: 'static, N: 'static>(
    handler: Handler<I, M>,
    wrap: &(impl Fn(M) -> N + Clone + Send + Sync + 'static),
) -> Handler<I, N> {
    let wrap = wrap.clone();
    Arc::new(move |input| wrap(handler(input)))
}

impl<M: 'static> Widget<M> {
    /// Wraps every message, to use a part with messages of its own inside another view.
    pub fn map<N: 'static>(
        self,
        wrap: &(impl Fn(M) -> N + Clone + Send + Sync + 'static),
    ) -> Widget<N> {
        let map_all = |children: Vec<Widget<M>>| -> Vec<Widget<N>> {
            children.into_iter().map(|child| child.map(wrap)).collect()
        };
        let kind = match self.kind {
            Kind::Linear {
                axis,
                children,
                gap,
                main,
                cross,
            } => Kind::Linear {
                axis,
                children: map_all(children),
                gap,
                main,
                cross,
            },
            Kind::Stack { children } => Kind::Stack {
                children: map_all(children),
            },
            Kind::Scroll {
                axis,
                children,
                gap,
            } => Kind::Scroll {
                axis,
                children: map_all(children),
                gap,
            },
            Kind::Text { text, style } => Kind::Text { text, style },
            Kind::Icon { icon, size, color } => Kind::Icon { icon, size, color },
            Kind::Field(field) => Kind::Field(Field {
                value: field.value,
                hint: field.hint,
                input: field.input,
                action: field.action,
                multiline: field.multiline,
                password: field.password,
                style: field.style,
                on_change: field.on_change.map(|handler| wrap_handler(handler, wrap)),
                on_enter: field.on_enter.map(wrap),
            }),
            Kind::Toggle {
                kind,
                checked,
                on_toggle,
            } => Kind::Toggle {
                kind,
                checked,
                on_toggle: on_toggle.map(|handler| wrap_handler(handler, wrap)),
            },
            Kind::Slider { value, on_slide } => Kind::Slider {
                value,
                on_slide: on_slide.map(|handler| wrap_handler(handler, wrap)),
            },
            Kind::Canvas { shapes } => Kind::Canvas { shapes },
            Kind::Picture { frame, cover } => Kind::Picture { frame, cover },
            Kind::Blank => Kind::Blank,
        };
        Widget {
            kind,
            class: self.class,
            id: self.id,
            description: self.description,
            spoken: self.spoken,
            key: self.key,
            width: self.width,
            height: self.height,
            min: self.min,
            padding: self.padding,
            margin: self.margin,
            place: self.place,
            background: self.background,
            enabled: self.enabled,
            selected: self.selected,
            clickable: self.clickable,
            checked: self.checked,
            focusable: self.focusable,
            visible: self.visible,
            accessible: self.accessible,
            on_tap: self.on_tap.map(wrap),
            on_long_press: self.on_long_press.map(wrap),
            on_swipe_left: self.on_swipe_left.map(wrap),
            on_swipe_right: self.on_swipe_right.map(wrap),
            on_swipe_up: self.on_swipe_up.map(wrap),
            on_swipe_down: self.on_swipe_down.map(wrap),
            on_drag: self.on_drag.map(|handler| wrap_handler(handler, wrap)),
        }
    }
}
