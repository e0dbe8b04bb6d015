//! From the pointer's events to strokes: every sample of a fast stroke counts, not only the last of a frame.

use egui::{Event, Modifiers, PointerButton, Pos2, Ui};

use super::{CanvasState, Placed, Tool, Tools, view};
use crate::pictures::drawing::{Drawing, Ink, Shape};

/// What the hand is doing.
pub enum Gesture {
    /// Nothing.
    Rest,
    /// Painting a stroke.
    Stroke,
    /// Drawing up a rectangle from a corner to the other.
    Rectangle([f32; 2], [f32; 2], bool),
    /// Drawing a line round something.
    Lasso(Vec<[f32; 2]>, bool),
    /// Moving the canvas.
    Pan,
}

/// What came of it in this frame.
pub struct Happened<const C: usize> {
    /// A change was completed: one more step to undo.
    pub changed: bool,
    /// A colour was taken from the drawing.
    pub picked: Option<[u8; C]>,
}

/// Fewer pixels than this between two points of a lasso are one point.
const LASSO_STEP: f32 = 0.5;

/// Follows the pointer through this frame's events.
pub fn paint<const C: usize>(
    ui: &Ui,
    placed: &Placed,
    state: &mut CanvasState,
    drawing: &mut Drawing<C>,
    tools: &Tools,
    ink: Ink<C>,
) -> Happened<C> {
    let mut happened = Happened { changed: false, picked: None };
    let mut hand = Hand { placed, state, drawing, tools, ink, happened: &mut happened };
    let free = placed.response.contains_pointer() && !view::wants_pan(ui);
    ui.input(|input| {
        for event in &input.events {
            match *event {
                Event::PointerButton { pos, button, pressed: true, modifiers } if free => {
                    hand.press(pos, button, modifiers);
                }
                Event::PointerButton { button: PointerButton::Middle, pressed: true, .. } => {
                    hand.state.gesture = Gesture::Pan;
                }
                Event::PointerMoved(pos) => hand.go(pos),
                Event::PointerButton { pos, pressed: false, .. } => {
                    hand.go(pos);
                    hand.release();
                }
                Event::PointerGone | Event::WindowFocused(false) => hand.release(),
                _ => {}
            }
        }
    });
    happened
}

struct Hand<'a, const C: usize> {
    placed: &'a Placed,
    state: &'a mut CanvasState,
    drawing: &'a mut Drawing<C>,
    tools: &'a Tools,
    ink: Ink<C>,
    happened: &'a mut Happened<C>,
}

impl<const C: usize> Hand<'_, C> {
    fn press(&mut self, pos: Pos2, button: PointerButton, modifiers: Modifiers) {
        if !self.placed.response.rect.contains(pos) {
            return;
        }
        let at = self.placed.image_from_screen(pos);
        let erases = button == PointerButton::Secondary;
        if button == PointerButton::Middle {
            self.state.gesture = Gesture::Pan;
            return;
        }
        let tool = if modifiers.alt { Tool::Pick } else { self.tools.tool };
        self.state.gesture = match tool {
            Tool::Brush | Tool::Eraser => {
                let ink = if erases || tool == Tool::Eraser { Ink::Ground } else { self.ink };
                let from = self.state.last.filter(|_| modifiers.shift).unwrap_or(at);
                self.drawing.begin(self.tools.brush(), ink, from);
                self.drawing.extend(at);
                self.state.last = Some(at);
                Gesture::Stroke
            }
            Tool::Rectangle => Gesture::Rectangle(at, at, erases),
            Tool::Lasso => Gesture::Lasso(vec![at], erases),
            Tool::Fill => {
                let ink = if erases { Ink::Ground } else { self.ink };
                self.happened.changed |= self.drawing.fill_region(at, self.tools.tolerance, ink);
                Gesture::Rest
            }
            Tool::Pick => {
                self.happened.picked = self.drawing.pixel_at(at).or(self.happened.picked);
                Gesture::Rest
            }
        };
    }

    fn go(&mut self, pos: Pos2) {
        let at = self.placed.image_from_screen(pos);
        match &mut self.state.gesture {
            Gesture::Stroke => {
                self.drawing.extend(at);
                self.state.last = Some(at);
            }
            Gesture::Rectangle(_, to, _) => *to = at,
            Gesture::Lasso(points, _) => {
                let far = points.last().is_none_or(|last| (last[0] - at[0]).hypot(last[1] - at[1]) > LASSO_STEP);
                if far {
                    points.push(at);
                }
            }
            Gesture::Rest | Gesture::Pan => {}
        }
    }

    fn release(&mut self) {
        let ink = |erases: bool| if erases { Ink::Ground } else { self.ink };
        self.happened.changed |= match std::mem::replace(&mut self.state.gesture, Gesture::Rest) {
            Gesture::Stroke => self.drawing.finish(),
            Gesture::Rectangle(from, to, erases) => self.drawing.fill_shape(&Shape::Rectangle(from, to), ink(erases)),
            Gesture::Lasso(points, erases) => self.drawing.fill_shape(&Shape::Lasso(points), ink(erases)),
            Gesture::Rest | Gesture::Pan => false,
        };
    }
}
