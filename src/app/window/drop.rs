//! Files and pictures that come from outside: dropped on the window or pasted. While a file hovers, the window says
//! what would become of it.

use egui::{Align2, Event, FontId, Id, LayerId, Order, Stroke, StrokeKind, Ui, vec2};

use crate::app::pixels::from_clipboard;
use crate::app::shared::Shared;
use crate::app::theme::{Icon, medium, tokens};

/// Takes what came, and draws the highlight.
pub fn ui(shared: &mut Shared, ui: &Ui) {
    let (dropped, hovering, pasted) = ui.input(|input| {
        let pasted = input.events.iter().find_map(|event| match event {
            Event::PasteImage(image) => Some(image.clone()),
            _ => None,
        });
        (input.raw.dropped_files.clone(), !input.raw.hovered_files.is_empty(), pasted)
    });
    for file in dropped {
        let path = file.path().to_owned();
        // On the desktop a file has a path and is read by it; where there is only its name, its bytes are here.
        let bytes = if path.is_absolute() { None } else { file.bytes().ok() };
        shared.files.open(path, bytes, &shared.background);
    }
    if let Some(image) = pasted {
        shared.use_as_source(from_clipboard(&image).into(), "the clipboard");
    }
    if hovering {
        highlight(ui);
    }
}

fn highlight(ui: &Ui) {
    let tokens = tokens(ui);
    let painter = ui.layer_painter(LayerId::new(Order::Foreground, Id::unique("drop highlight")));
    let rect = ui.ctx().content_rect();
    painter.rect_filled(rect, 0.0, tokens.backdrop);
    let card = egui::Rect::from_center_size(rect.center(), vec2(560.0, 160.0));
    painter.rect(card, 16.0, tokens.sheet, Stroke::new(2.0, tokens.accent_text), StrokeKind::Inside);
    let icon = egui::Rect::from_center_size(card.center() - vec2(0.0, 36.0), vec2(32.0, 32.0));
    Icon::Picture.paint(&painter, icon, tokens.accent_text);
    painter.text(card.center() + vec2(0.0, 10.0), Align2::CENTER_CENTER, "Drop to open", medium(16.0), tokens.text);
    let text = "A picture made here restores its settings, any other becomes a source; a model or a run is taken up";
    painter.text(
        card.center() + vec2(0.0, 38.0),
        Align2::CENTER_CENTER,
        text,
        FontId::proportional(12.0),
        tokens.text_weak,
    );
}
