//! The mask, painted on the source picture: white where the picture is made new. What is painted stays as it is;
//! growing, shrinking and feathering its edges is worked out on top, and that is the recipe's mask.

use std::sync::Arc;

use egui::text::LayoutJob;
use egui::{Align, Color32, Context, FontId, Rect, Ui, vec2};
use image::{Rgb, RgbImage};

use super::around::{Around, CANVAS};
use super::canvas::{Canvas, CanvasAction};
use super::canvas_tools;
use crate::app::background::Pending;
use crate::app::commands::Command;
use crate::app::form::source::same;
use crate::app::theme::{Icon, tokens};
use crate::app::widgets::buttons;
use crate::app::widgets::canvas::{self, CanvasState, Layer, Tool, Tools};
use crate::app::widgets::knob::Knob;
use crate::app::widgets::view::View;
use crate::error::Result;
use crate::experiments::settings::inpainting;
use crate::experiments::{Recipe, Source};
use crate::pictures;
use crate::pictures::drawing::{Area, Drawing, Edges, Ink, MAX_FEATHER, MAX_GROW};

const TOOLS: [Tool; 5] = [Tool::Brush, Tool::Eraser, Tool::Rectangle, Tool::Lasso, Tool::Fill];

/// The mask's document and how it is looked at.
pub struct MaskWorkspace {
    drawing: Drawing<1>,
    /// The mask with its edges changed.
    refined: Vec<u8>,
    edges: Edges,
    canvas: CanvasState,
    picture: Layer,
    shown: Option<Arc<RgbImage>>,
    overlay: Layer,
    colours: Option<([u8; 3], f32, Vec<Color32>)>,
    /// The recipe's mask that the document is.
    of: Option<Source>,
    /// A mask that is being read, or could not be.
    asked: Option<(Source, Option<Pending<RgbImage>>)>,
    /// What was painted last time, with its edges, where the recipe's mask came of it.
    before: Option<(RgbImage, Edges)>,
    /// What was painted, before its edges were changed; `None` where they are as painted.
    painted: Option<Source>,
    /// Changes so far.
    strokes: usize,
    /// Where the canvas was in the last frame.
    place: Option<Rect>,
}

impl Default for MaskWorkspace {
    fn default() -> Self {
        let side = CANVAS as usize;
        Self {
            drawing: Drawing::black(side, side),
            refined: vec![0; side * side],
            edges: Edges::default(),
            canvas: CanvasState::default(),
            picture: Layer::default(),
            shown: None,
            overlay: Layer::default(),
            colours: None,
            of: None,
            asked: None,
            before: None,
            painted: None,
            strokes: 0,
            place: None,
        }
    }
}

impl Canvas for MaskWorkspace {
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
            CanvasAction::Invert => self.drawing.invert(),
            CanvasAction::New => false,
        };
        if changed {
            self.strokes += usize::from(matches!(action, CanvasAction::Clear | CanvasAction::Invert));
            self.follow_edges(self.edges);
            self.publish(recipe);
        }
    }
}

impl MaskWorkspace {
    /// What was painted, before its edges were changed; `None` where they are as painted.
    pub fn painted(&self) -> Option<&Source> {
        self.painted.as_ref()
    }

    /// Takes what was painted in an earlier session, until the recipe's mask is read and says whether it came of it.
    pub fn recall(&mut self, painted: &Source, edges: Edges) {
        let Ok(pixels) = painted.load() else { return };
        if pixels.dimensions() == (CANVAS, CANVAS) {
            self.before = Some(((*pixels).clone(), edges));
            self.painted = Some(painted.clone());
        }
    }

    /// The mask as it goes into the recipe: 0 kept, 255 new.
    pub fn mask(&self) -> &[u8] {
        &self.refined
    }

    /// The picture that lies under it.
    pub fn under(&self) -> Option<&Arc<RgbImage>> {
        self.shown.as_ref()
    }

    /// Takes in a mask that was read; how its edges are changed now.
    pub fn poll(&mut self) -> Option<Result<Edges>> {
        let answer = Pending::take_from(&mut self.asked.as_mut()?.1)?;
        match answer {
            Ok(grey) => self.asked.take().map(|(source, _)| Ok(self.read(source, &grey))),
            // While a path is being typed, it is no file yet.
            Err(error) if error.is_missing() && matches!(self.asked, Some((Source::File(_), _))) => None,
            Err(error) => Some(Err(error)),
        }
    }

    fn read(&mut self, source: Source, grey: &RgbImage) -> Edges {
        self.of = Some(source);
        let recalled = self.painted.take();
        if let Some((painted, old)) = self.before.take() {
            self.drawing.take(&painted);
            self.follow_edges(old);
            let unchanged = self.refined.iter().zip(grey.pixels()).all(|(value, pixel)| *value == pixel[0]);
            if unchanged {
                self.painted = recalled;
                return old;
            }
        }
        self.drawing.take(grey);
        self.follow_edges(Edges::default());
        self.edges
    }

    /// Follows the recipe's mask where something else than this workspace set it.
    fn follow(&mut self, around: &mut Around<'_>) {
        let mask = around.recipe.inpainting.mask.as_ref();
        let asked = self.asked.as_ref().map(|(asked, _)| asked);
        if same(mask, self.of.as_ref()) || (asked.is_some() && same(mask, asked)) {
            return;
        }
        match mask {
            None => {
                self.drawing.clear();
                (self.of, self.asked) = (None, None);
            }
            Some(mask) => {
                let (is_file, name) = match mask {
                    Source::File(path) => (true, format!("reading the mask {}", path.display())),
                    _ => (false, "reading the mask".to_owned()),
                };
                let source = mask.clone();
                let read = move || Ok(pictures::fit_square(&source.load_mask()?, CANVAS));
                self.asked = Some((mask.clone(), Some(around.background.run_opening(is_file, name, read))));
            }
        }
    }

    /// Works the edges out again where they were moved.
    fn follow_edges(&mut self, edges: Edges) {
        self.edges = edges;
        let size = self.drawing.size();
        self.drawing.take_changed();
        edges.refine(self.drawing.pixels(), size, Area::whole(size.0, size.1), &mut self.refined);
        self.colours = None; // the whole overlay is drawn anew
    }

    /// Makes the document the recipe's mask.
    fn publish(&mut self, recipe: &mut Recipe) {
        let any = self.refined.iter().any(|&value| value > 0);
        let changed = any && !self.edges.are_plain();
        let raw = || grey(self.drawing.pixels().iter().map(|pixel| pixel[0]));
        self.painted = changed.then(|| Source::Held(Arc::new(raw())));
        self.of = any.then(|| Source::Held(Arc::new(grey(self.refined.iter().copied()))));
        self.asked = None;
        recipe.inpainting.mask.clone_from(&self.of);
    }

    /// Draws the workspace.
    pub fn ui(&mut self, ui: &mut Ui, around: &mut Around<'_>) {
        self.follow(around);
        let square = source(around);
        let (past, future) = self.depth();
        let commands = [
            (Icon::Undo, Command::UndoStroke, past > 0),
            (Icon::Redo, Command::RedoStroke, future > 0),
            (Icon::Invert, Command::InvertMask, true),
            (Icon::Trash, Command::ClearCanvas, self.of.is_some()),
        ];
        canvas_tools::around_canvas(
            ui,
            "mask",
            &mut (self, around),
            |(_, around), ui| around.commands.extend(canvas_tools::tools(ui, around.tools, &TOOLS, &commands)),
            |(_, around), ui| canvas_tools::brush(ui, around.tools),
            |(workspace, around), ui| workspace.options(ui, around),
            |(workspace, around), ui| workspace.surface(ui, around, &square),
        );
    }

    fn surface(&mut self, ui: &mut Ui, around: &mut Around<'_>, square: &std::result::Result<Arc<RgbImage>, String>) {
        let ink = Ink::Colour([255]);
        let (placed, happened) =
            canvas::canvas(ui, "Mask canvas", &mut self.canvas, &mut self.drawing, around.tools, ink);
        if *around.edges != self.edges {
            self.follow_edges(*around.edges);
            if self.of.is_some() {
                self.publish(around.recipe);
            }
        }
        self.show(ui.ctx(), around.tools, square.as_ref().ok());
        if happened.changed {
            self.strokes += 1;
            self.publish(around.recipe);
        }
        let tokens = tokens(ui);
        match square {
            Ok(_) => placed.layer(self.picture.id()),
            Err(_) => {
                placed.painter.rect_filled(placed.rect, 0.0, tokens.empty_cell);
            }
        }
        placed.layer(self.overlay.id());
        let stroke = egui::Stroke::new(1.0, tokens.border);
        placed.painter.rect_stroke(placed.rect, 0.0, stroke, egui::StrokeKind::Outside);
        if let Err(text) = square {
            let mut job = LayoutJob::simple(
                text.clone(),
                FontId::proportional(13.0),
                tokens.text_weak,
                (placed.rect.width() - 16.0).max(80.0),
            );
            job.halign = Align::Center;
            let galley = placed.painter.layout_job(job);
            let top = placed.rect.center() - vec2(0.0, galley.size().y / 2.0);
            placed.painter.galley(top, galley, tokens.text_weak);
        }
        self.place = Some(placed.rect);
        canvas::finish(ui, &placed, &self.canvas, around.tools);
    }

    /// Brings the textures up to what was painted.
    fn show(&mut self, ctx: &Context, tools: &Tools, square: Option<&Arc<RgbImage>>) {
        if let Some(square) = square {
            let known = self.shown.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, square));
            let size = (square.width() as usize, square.height() as usize);
            let raw = square.as_raw();
            let pixel = |i: usize| Color32::from_rgb(raw[3 * i], raw[3 * i + 1], raw[3 * i + 2]);
            self.picture.update(ctx, size, (!known).then(|| Area::whole(size.0, size.1)), pixel);
        }
        self.shown = square.cloned();
        let size = self.drawing.size();
        let mut area = self.drawing.take_changed().map(|area| area.grown(self.edges.reach(), size));
        if let Some(area) = area {
            self.edges.refine(self.drawing.pixels(), size, area, &mut self.refined);
        }
        let (overlay, opacity) = (tools.overlay, tools.opacity);
        if self.colours.as_ref().is_none_or(|(colour, how, _)| (*colour, *how) != (overlay, opacity)) {
            let [r, g, b] = overlay;
            let colour = |value: u8| Color32::from_rgba_unmultiplied(r, g, b, (f32::from(value) * opacity) as u8);
            self.colours = Some((overlay, opacity, (0..=255).map(colour).collect()));
            area = Some(Area::whole(size.0, size.1));
        }
        if let Some((_, _, colours)) = &self.colours {
            let refined = &self.refined;
            self.overlay.update(ctx, size, area, |i| colours[usize::from(refined[i])]);
        }
    }

    fn options(&mut self, ui: &mut Ui, around: &mut Around<'_>) {
        let edges = &mut *around.edges;
        let knob = Knob {
            name: "Feather",
            help: "Pixels over which the mask's edges fade, 0 to 32; what was painted stays as it is",
            range: 0.0..=MAX_FEATHER,
            step: 0.5,
            ..Knob::default()
        };
        let text = format!("{} px", edges.feather);
        knob.ui(ui, &mut edges.feather, &text);
        let mut grow = edges.grow as f32;
        let most = MAX_GROW as f32;
        let knob = Knob {
            name: "Grow",
            help: "Pixels by which the mask grows, or shrinks below 0; -32 to 32",
            range: -most..=most,
            step: 1.0,
            ..Knob::default()
        };
        let text = if edges.grow == 0 { "0 px".to_owned() } else { format!("{:+} px", edges.grow) };
        if knob.ui(ui, &mut grow, &text) {
            edges.grow = grow.round() as i32;
        }
        let knob = Knob {
            name: "Opacity",
            help: "How much of the picture the mask hides while you paint; it changes nothing of the result",
            range: 0.1..=1.0,
            default: 0.6,
            rail: 56.0,
            ..Knob::default()
        };
        let text = format!("{:.0} %", around.tools.opacity * 100.0);
        knob.ui(ui, &mut around.tools.opacity, &text);
        let help = "The colour in which the mask lies over the picture";
        canvas_tools::colour(ui, "Overlay colour", help, &mut around.tools.overlay);
        if buttons::icon(ui, Icon::Folder, "Mask from a file", "White is made new, black is kept, grey is soft")
            .clicked()
        {
            around.choose(inpainting::mask.key);
        }
        ui.add_enabled_ui(self.of.is_some(), |ui| {
            if buttons::icon(ui, Icon::Save, "Save mask…", "Write the mask as a PNG").clicked() {
                let pixels = Arc::new(grey(self.refined.iter().copied()));
                around.saved = Some(("mask.png", pixels));
            }
        });
    }
}

/// The picture under the mask: the recipe's source, or the first of the test digits that it picks; without one, why.
fn source(around: &mut Around<'_>) -> std::result::Result<Arc<RgbImage>, String> {
    let reading = || "Reading the picture …".to_owned();
    let recipe = &*around.recipe;
    if recipe.source.image.is_some() {
        return around.source.crisp(CANVAS, around.background).ok_or_else(reading);
    }
    if around.picked().is_some() {
        let digit = around.picked_digit().ok_or_else(reading)?;
        return digit.map_err(|error| error.to_string());
    }
    Err("Drop, paste or choose a picture, then paint what is to be made new".to_owned())
}

fn grey(values: impl Iterator<Item = u8>) -> RgbImage {
    let mut picture = RgbImage::new(CANVAS, CANVAS);
    picture.pixels_mut().zip(values).for_each(|(pixel, value)| *pixel = Rgb([value; 3]));
    picture
}
