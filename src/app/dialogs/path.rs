//! A file by its path, for desktops without a dialog.

use egui::{Key, RichText, TextEdit, Ui};

use super::done::Done;
use crate::app::theme::tokens;
use crate::app::widgets::heading::dialog_title;

pub(super) fn ui(ui: &mut Ui, path: &mut String) -> Option<Done> {
    let close = dialog_title(ui, "Open by path");
    ui.label(
        RichText::new(
            "A picture that was saved here, a recipe (.json), a source picture, or the folder of a training run",
        )
        .color(tokens(ui).text_weak),
    );
    let edit = TextEdit::singleline(path)
        .hint_text(RichText::new("/home/…/picture.png").color(tokens(ui).text_faint))
        .desired_width(f32::INFINITY)
        .margin(egui::Margin::symmetric(10, 8));
    let response = ui.add(edit).accessible_name("Path");
    if !response.has_focus() && !response.lost_focus() {
        response.request_focus();
    }
    let enter = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        let open = ui.add_enabled(!path.trim().is_empty(), egui::Button::new("Open"));
        if (open.clicked() || enter) && !path.trim().is_empty() {
            Some(Done::Path(path.trim().to_owned()))
        } else {
            close.then_some(Done::Nothing)
        }
    })
    .inner
}
