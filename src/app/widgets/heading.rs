//! What an empty place says of itself: a sign, a title and a sentence, in its middle.

use egui::{Align, FontId, RichText, Sense, Ui, text::LayoutJob, vec2};

use super::buttons;
use crate::app::theme::{Icon, title, tokens};

/// The widest line of the sentence, and how far from the edges it stays.
const WIDEST: f32 = 560.0;
const MARGIN: f32 = 24.0;

/// Draws it, in a centred column.
pub fn heading(ui: &mut Ui, icon: Icon, text: &str, sentence: &str) {
    let tokens = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(44.0, 44.0), Sense::hover());
    icon.paint(ui.painter(), rect, tokens.accent_text);
    ui.add_space(4.0);
    ui.label(RichText::new(text).font(title()).color(tokens.text));
    let width = (ui.available_width() - 2.0 * MARGIN).min(WIDEST);
    let mut job = LayoutJob::simple(sentence.to_owned(), FontId::proportional(13.5), tokens.text_weak, width);
    job.halign = Align::Center;
    let galley = ui.painter().layout_job(job);
    ui.label(galley);
}

/// A dialog's title, and the cross that closes it; true when it was pressed.
pub fn dialog_title(ui: &mut Ui, text: &str) -> bool {
    let cross = ui.horizontal(|ui| {
        ui.label(RichText::new(text).font(title()));
        let right = egui::Layout::right_to_left(Align::Center);
        ui.with_layout(right, |ui| buttons::icon(ui, Icon::Cross, "Close", "Close (Esc)").clicked()).inner
    });
    ui.add_space(4.0);
    cross.inner
}
