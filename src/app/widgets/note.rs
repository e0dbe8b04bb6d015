//! A sentence where there is nothing else yet.

use egui::{Align, Color32, Layout, RichText, Ui};

/// Draws it in the middle of all the room there is, in as many lines as it takes.
pub fn note(ui: &mut Ui, text: &str, colour: Color32) {
    // Not egui's centred and justified layout, which stretches the words of every line but the last.
    let middle = Layout::top_down(Align::Center).with_main_align(Align::Center).with_main_justify(true);
    ui.with_layout(middle, |ui| ui.label(RichText::new(text).size(13.0).color(colour)));
}
