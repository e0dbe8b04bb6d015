//! What opens above the window: one file a sheet. Esc or a click beside it closes it.

mod about;
mod close;
mod help;
mod models;
mod models_table;
mod page;
mod palette;
mod path;

use egui::{Frame, Id, Key, Margin, Modal, Ui};

use super::background::Background;
use super::commands::Command;
use super::downloads::Downloads;
use super::draft::Draft;
use super::theme::{Icon, RADIUS_LARGE, tokens};
use super::widgets::buttons;
use crate::experiments::Recipe;
use crate::models::DeviceChoice;

/// An open sheet.
pub enum Sheet {
    /// Any command by name.
    Palette(palette::Palette),
    /// Keys and mouse.
    Help,
    /// Version, licences and credits.
    About,
    /// What is here and what can be fetched.
    Models(models::Models),
    /// Work runs and the window is to close.
    Close,
    /// A file by its path.
    Path(String),
    /// A page of results in the making.
    Page(page::Page),
}

/// What a sheet asks for when it is done.
pub enum Done {
    /// A command.
    Command(Command),
    /// An experiment's panel.
    Panel(&'static str),
    /// The keyboard in the control of the open panel's setting of that key.
    Setting(&'static str),
    /// A preset's recipe.
    Preset(Box<Recipe>),
    /// A file.
    Path(String),
    /// Another device to compute on.
    Device(DeviceChoice),
    /// The page, as it is now, to be saved.
    SavePage(Draft),
    /// Close the window in spite of the work.
    Leave,
    /// Nothing.
    Nothing,
}

impl Sheet {
    /// The palette, empty, beside the panel of that verb.
    pub fn palette(verb: &str) -> Self {
        Self::Palette(palette::Palette::beside(verb))
    }

    /// The models, beside the device that is computed on.
    pub fn models(device: DeviceChoice) -> Self {
        Self::Models(models::Models::new(device))
    }

    /// A page of pictures.
    pub fn page(draft: Draft) -> Self {
        Self::Page(page::Page::new(draft))
    }

    /// Draws it; something once it is to close.
    pub fn show(&mut self, ui: &Ui, downloads: &mut Downloads, background: &Background) -> Option<Done> {
        let (name, width): (_, f32) = match self {
            Self::Palette(_) => ("palette", 560.0),
            Self::Help => ("help", 800.0),
            Self::About => ("about", 560.0),
            Self::Models(_) => ("models", 720.0),
            Self::Close => ("close", 380.0),
            Self::Path(_) => ("path", 480.0),
            Self::Page(_) => ("page", 640.0),
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
                Self::Page(page) => page.ui(ui),
            }
        });
        let escape = ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Escape));
        response.inner.or_else(|| (response.backdrop_response.clicked() || escape).then_some(Done::Nothing))
    }
}

/// A sheet's title, and the cross that closes it; true when it was pressed.
fn title(ui: &mut Ui, text: &str) -> bool {
    let cross = ui.horizontal(|ui| {
        ui.label(egui::RichText::new(text).font(super::theme::title()));
        let right = egui::Layout::right_to_left(egui::Align::Center);
        ui.with_layout(right, |ui| buttons::icon(ui, Icon::Cross, "Close", "Close (Esc)").clicked()).inner
    });
    ui.add_space(4.0);
    cross.inner
}
