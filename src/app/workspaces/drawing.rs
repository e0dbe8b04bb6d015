//! The source of an edit, drawn from nothing or painted over a picture. The eraser brings back what was there before. A
//! panel of digits begins with the test digit that it would take, and draws white on black, as its networks' digits are.

use std::sync::Arc;

use egui::{Color32, Rect, Ui};
use image::{Rgb, RgbImage};

use super::around::{Around, CANVAS, draws_digits};
use super::canvas::{Canvas, CanvasAction};
use super::canvas_tools;
use crate::app::commands::Command;
use crate::app::form::source::same;
use crate::app::theme::{Icon, tokens};
use crate::app::widgets::buttons;
use crate::app::widgets::canvas::{self, CanvasState, Layer, Tool};
use crate::app::widgets::view::View;
use crate::experiments::{Recipe, Source};
use crate::pictures::drawing::{Drawing, Ink};
use crate::pictures::resize_bilinear;

/// The drawing and how it is looked at.
pub struct DrawingWorkspace {
    drawing: Drawing<3>,
    canvas: CanvasState,
    layer: Layer,
    /// The recipe's source that the drawing is, or is painted over.
    of: Option<Source>,
    /// The test digit that it is, where there is no source.
    picked: Option<(String, usize)>,
    /// Whether that source's pixels are here.
    here: bool,
    /// Changes so far.
    strokes: usize,
    /// Where the canvas was in the last frame.
    place: Option<Rect>,
}

fn paper(colour: u8) -> Drawing<3> {
    Drawing::on(&RgbImage::from_pixel(CANVAS, CANVAS, Rgb([colour; 3])))
}

/// The paper that a recipe's panel draws on: white, or black under digits.
fn paper_of(recipe: &Recipe) -> Drawing<3> {
    paper(if draws_digits(recipe) { 0 } else { 255 })
}

impl Default for DrawingWorkspace {
    fn default() -> Self {
        Self {
            drawing: paper(255),
            canvas: CanvasState::default(),
            layer: Layer::default(),
            of: None,
            picked: None,
            here: true,
            strokes: 0,
            place: None,
        }
    }
}

impl Canvas for DrawingWorkspace {
    fn depth(&self) -> (usize, usize) {
        let (past, future, _) = self.drawing.depth();
        (past, future)
    }

    fn strokes(&self) -> usize {
        self.strokes
    }

    fn place(&self) -> Option<Rect> {
        self.place
    }

    fn is_painting(&self) -> bool {
        self.drawing.is_painting()
    }

    fn look(&mut self, view: View) {
        self.canvas.view = view;
    }

    fn act(&mut self, action: CanvasAction, recipe: &mut Recipe) {
        let changed = match action {
            CanvasAction::Undo => self.drawing.undo(),
            CanvasAction::Redo => self.drawing.redo(),
            CanvasAction::Clear => self.drawing.clear(),
            // The picture that it takes the place of comes back by undoing the setting.
            CanvasAction::New => {
                self.drawing = paper_of(recipe);
                true
            }
            CanvasAction::Invert => false,
        };
        if changed {
            self.strokes += usize::from(action == CanvasAction::Clear);
            self.publish(recipe);
        }
    }
}

impl DrawingWorkspace {
    /// Follows the recipe's source where something else than this workspace set it.
    fn follow(&mut self, around: &mut Around<'_>) {
        let picked = around.picked().map(|(data, index)| (data.to_owned(), index));
        let image = around.recipe.source.image.as_ref();
        if !same(image, self.of.as_ref()) || picked != self.picked {
            (self.of, self.picked) = (image.cloned(), picked);
            self.here = match image {
                None => {
                    self.drawing = paper_of(around.recipe);
                    self.picked.is_none()
                }
                // A setting that is undone brings back the drawing's own pixels in other memory: its strokes stay.
                Some(Source::Held(pixels)) => self.drawing.shows(pixels),
                Some(_) => false,
            };
        }
        if !self.here && self.picked.is_some() {
            // A set that cannot be read leaves the empty paper; that it cannot is said when it is run.
            if let Some(digit) = around.picked_digit() {
                digit.iter().for_each(|digit| self.drawing = Drawing::on(&resize_bilinear(digit, CANVAS, CANVAS)));
                self.here = true;
            }
            return;
        }
        if !self.here
            && let Some(square) = around.source.square(CANVAS, around.background)
        {
            self.drawing = Drawing::on(&square);
            self.here = true;
        }
    }

    fn publish(&mut self, recipe: &mut Recipe) {
        self.of = Some(Source::Held(Arc::new(self.drawing.picture())));
        recipe.source.image.clone_from(&self.of);
    }

    /// Draws the workspace.
    pub fn ui(&mut self, ui: &mut Ui, around: &mut Around<'_>) {
        self.follow(around);
        let (past, future) = self.depth();
        let commands = [
            (Icon::Undo, Command::UndoStroke, past > 0),
            (Icon::Redo, Command::RedoStroke, future > 0),
            (Icon::Trash, Command::ClearCanvas, past > 0),
            (Icon::Plus, Command::NewDrawing, true),
        ];
        let digits = draws_digits(around.recipe);
        let offered: Vec<Tool> = Tool::ALL.into_iter().filter(|tool| !digits || *tool != Tool::Pick).collect();
        canvas_tools::around_canvas(
            ui,
            "drawing",
            &mut (self, around),
            |(_, around), ui| around.commands.extend(canvas_tools::tools(ui, around.tools, &offered, &commands)),
            |(_, around), ui| canvas_tools::brush(ui, around.tools),
            |(workspace, around), ui| workspace.colours(ui, around),
            |(workspace, around), ui| workspace.surface(ui, around),
        );
    }

    fn surface(&mut self, ui: &mut Ui, around: &mut Around<'_>) {
        let digits = draws_digits(around.recipe);
        let ink = Ink::Colour(if digits { [255; 3] } else { around.tools.colour });
        let (placed, happened) =
            canvas::canvas(ui, "Drawing canvas", &mut self.canvas, &mut self.drawing, around.tools, ink);
        if happened.changed {
            if !digits {
                around.tools.remember();
            }
            self.strokes += 1;
            self.publish(around.recipe);
        }
        if let Some(picked) = happened.picked.filter(|_| !digits) {
            around.tools.colour = picked;
            around.tools.remember();
            if around.tools.tool == Tool::Pick {
                around.tools.tool = Tool::Brush;
            }
        }
        let changed = self.drawing.take_changed();
        let (size, pixels) = (self.drawing.size(), self.drawing.pixels());
        self.layer.update(ui.ctx(), size, changed, |i| {
            let [r, g, b] = pixels[i];
            Color32::from_rgb(r, g, b)
        });
        placed.layer(self.layer.id());
        let stroke = egui::Stroke::new(1.0, tokens(ui).border);
        placed.painter.rect_stroke(placed.rect, 0.0, stroke, egui::StrokeKind::Outside);
        self.place = Some(placed.rect);
        canvas::finish(ui, &placed, &self.canvas, around.tools);
    }

    fn colours(&mut self, ui: &mut Ui, around: &mut Around<'_>) {
        ui.spacing_mut().item_spacing.x = 4.0;
        if draws_digits(around.recipe) {
            let text = match around.picked() {
                Some((_, index)) => format!("Test digit {index}: draw over it, or begin with a new drawing"),
                None => "Your own digit, white on black as those of the set are".to_owned(),
            };
            ui.label(egui::RichText::new(text).size(12.0).color(tokens(ui).text_weak));
        } else {
            self.palette(ui, around);
        }
        ui.add_space(6.0);
        if buttons::icon(ui, Icon::Save, "Save drawing…", "Write the drawing as a PNG").clicked() {
            around.saved = Some(("drawing.png", Arc::new(self.drawing.picture())));
        }
    }

    /// What is painted with.
    fn palette(&self, ui: &mut Ui, around: &mut Around<'_>) {
        canvas_tools::colour(ui, "Colour", "What is painted with; click for any colour", &mut around.tools.colour);
        ui.add_space(6.0);
        canvas_tools::swatches(ui, around.tools);
    }

    /// The pixels of the drawing as it is.
    pub fn picture(&self) -> RgbImage {
        self.drawing.picture()
    }
}
