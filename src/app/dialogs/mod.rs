//! What opens above the window: one file a dialog. Esc or a click beside it closes it.

mod about;
mod close;
pub mod done;
pub mod draft;
mod help;
pub mod nearest;
mod page;
mod palette;
mod path;
mod symbols;
pub mod trust;

use egui::{Frame, Id, Key, Margin, Modal, Ui};

use done::Done;
use draft::Draft;
use nearest::Nearest;

use super::background::Background;
use super::explain::Symbol;
use super::gallery::Gallery;
use super::models::dialog::Models;
use super::models::downloads::Downloads;
use super::shared::Shared;
use super::theme::{RADIUS_LARGE, tokens};
use super::toy::Toy;
use crate::app::widgets::heading::dialog_title;
use crate::experiments::Recipe;
use crate::models::{DeviceChoice, ModelSummary};

/// An open dialog.
pub enum Dialog {
    /// Any command by name.
    Palette(palette::Palette),
    /// Keys and mouse.
    Help,
    /// Version, licences and credits.
    About,
    /// What is here and what can be fetched.
    Models(Models),
    /// Work runs and the window is to close.
    Close,
    /// A file by its path.
    Path(String),
    /// A recipe that names files.
    Trust(Box<trust::Asked>),
    /// A page of results in the making.
    Page(page::Page),
    /// Every symbol and measure, one of them first.
    Symbols(Option<Symbol>),
    /// A drawn digit beside the nearest ones of the training set.
    Nearest(Box<Nearest>),
    /// Diffusion of points in the plane.
    Toy(Box<Toy>),
}

/// The dialog that is open, and what goes on in the background of one.
#[derive(Default)]
pub struct Dialogs {
    /// What is open above the window.
    pub open: Option<Dialog>,
    /// Models that come from the hub.
    pub downloads: Downloads,
}

impl Dialogs {
    /// Draws the open dialog; something once it is closed.
    pub fn ui(&mut self, ui: &Ui, gallery: &mut Gallery, shared: &mut Shared) -> Option<Done> {
        let done = self.open.as_mut()?.ui(ui, &mut self.downloads, &shared.background);
        if done.is_some() {
            self.open = None;
        }
        if let Some(Dialog::Page(page)) = &mut self.open {
            page.draft.keep(&mut shared.session.captions);
            page.illustrate(gallery, &shared.background);
        }
        done
    }
}

impl Dialog {
    /// The palette, empty, beside the panel of `recipe` on the model of `summary`.
    pub fn palette(recipe: &Recipe, summary: Option<&ModelSummary>) -> Self {
        Self::Palette(palette::Palette::beside(recipe, summary))
    }

    /// The models, beside the device that is computed on.
    pub fn models(device: DeviceChoice) -> Self {
        Self::Models(Models::new(device))
    }

    /// A page of pictures.
    pub fn page(draft: Draft) -> Self {
        Self::Page(page::Page::new(draft))
    }

    fn ui(&mut self, ui: &Ui, downloads: &mut Downloads, background: &Background) -> Option<Done> {
        let (name, width): (_, f32) = match self {
            Self::Palette(_) => ("palette", 560.0),
            Self::Help => ("help", 800.0),
            Self::About => ("about", 560.0),
            Self::Models(_) => ("models", 720.0),
            Self::Close => ("close", 380.0),
            Self::Path(_) => ("path", 480.0),
            Self::Trust(_) => ("trust", 560.0),
            Self::Page(_) => ("page", 640.0),
            Self::Symbols(_) => ("symbols", 560.0),
            Self::Nearest(_) => ("nearest", 640.0),
            Self::Toy(_) => ("toy", 860.0),
        };
        let tokens = tokens(ui);
        let margin = if matches!(self, Self::Palette(_)) { 8 } else { 24 };
        let frame = Frame::new()
            .fill(tokens.sheet)
            .stroke(egui::Stroke::new(1.0, tokens.border_strong))
            .corner_radius(RADIUS_LARGE + 2)
            .inner_margin(Margin::same(margin))
            .shadow(ui.visuals().window_shadow);
        let mut area = Modal::default_area(Id::unique(name));
        if matches!(self, Self::Palette(_)) {
            area = area.anchor(egui::Align2::CENTER_TOP, egui::vec2(0.0, 96.0));
        }
        let modal = Modal::new(Id::unique(name)).area(area).frame(frame).backdrop_color(tokens.backdrop);
        let response = modal.show(ui.ctx(), |ui| {
            let room = ui.ctx().content_rect().width() - 2.0 * f32::from(margin) - 32.0;
            ui.set_width(width.min(room));
            match self {
                Self::Palette(palette) => palette.ui(ui),
                Self::Help => help::ui(ui),
                Self::About => about::ui(ui),
                Self::Models(models) => models.ui(ui, downloads, background),
                Self::Close => close::ui(ui),
                Self::Path(path) => path::ui(ui, path),
                Self::Trust(asked) => trust::ui(ui, asked),
                Self::Page(page) => page.ui(ui),
                Self::Symbols(first) => symbols::ui(ui, first),
                Self::Nearest(nearest) => nearest.ui(ui, background),
                Self::Toy(toy) => {
                    let close = dialog_title(ui, "Points in the plane");
                    toy.ui(ui, background);
                    close.then_some(Done::Nothing)
                }
            }
        });
        let escape = ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Escape));
        response.inner.or_else(|| (response.backdrop_response.clicked() || escape).then_some(Done::Nothing))
    }
}
