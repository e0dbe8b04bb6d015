//! Explanations in place: a symbol under the pointer is marked wherever it stands, in the formula, the curve and the
//! picture alike, and says what it is; a click lets it stay.

pub mod symbols;

use std::ops::Range;
use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Color32, Context, CursorIcon, FontId, Galley, Id, Pos2, Rect, Response, RichText, Role, Sense, Ui, WidgetInfo, vec2,
};

pub use symbols::Symbol;

use crate::app::theme::{RADIUS, medium, tokens};

/// Marks a symbol for this frame and the next.
pub fn mark(ctx: &Context, symbol: Symbol) {
    let pass = ctx.cumulative_pass_nr();
    let known = ctx.data(|data| data.get_temp::<(Symbol, u64)>(marked_id()));
    ctx.data_mut(|data| data.insert_temp(marked_id(), (symbol, pass)));
    if known.is_none_or(|(known, at)| known != symbol || at + 1 < pass) {
        ctx.request_repaint(); // what was drawn before it in this frame is to be marked too
    }
}

/// Whether a symbol is marked: it is under the pointer, or its explanation is open.
pub fn is_marked(ctx: &Context, symbol: Symbol) -> bool {
    let marked = ctx.data(|data| data.get_temp::<(Symbol, u64)>(marked_id()));
    marked.is_some_and(|(known, at)| known == symbol && at + 1 >= ctx.cumulative_pass_nr())
}

fn marked_id() -> Id {
    Id::unique("marked symbol")
}

/// Lets a widget explain a symbol: under the pointer in a tooltip, after a click until something else is clicked.
pub fn explains(response: Response, symbol: Symbol) -> Response {
    let open = egui::Popup::is_id_open(&response.ctx, egui::Popup::default_response_id(&response));
    if response.hovered() || open {
        mark(&response.ctx, symbol);
    }
    egui::Popup::from_toggle_button_response(&response).width(WIDTH).show(|ui| card(ui, symbol));
    response.on_hover_cursor(CursorIcon::Help).on_hover_ui(|ui| card(ui, symbol))
}

/// The widest line of an explanation, in points.
const WIDTH: f32 = 320.0;

/// What is to be said of a symbol.
pub fn card(ui: &mut Ui, symbol: Symbol) {
    let (about, tokens) = (symbol.about(), tokens(ui));
    ui.set_max_width(ui.available_width().max(WIDTH));
    ui.spacing_mut().item_spacing.y = 6.0;
    ui.horizontal(|ui| {
        if let Some(sign) = about.signs.last() {
            ui.label(RichText::new(*sign).font(medium(17.0)).color(tokens.accent_text));
        }
        ui.label(RichText::new(about.name).font(medium(13.5)).color(tokens.text));
    });
    let line = |text: RichText| egui::Label::new(text.size(12.5)).wrap();
    ui.add(line(RichText::new(about.what).color(tokens.text)));
    ui.add(line(RichText::new(format!("If it were larger: {}", lowered(about.larger))).color(tokens.text_weak)));
    ui.add(line(RichText::new(about.source).color(tokens.text_faint)));
}

/// With a small letter, behind a colon; names and signs stay.
fn lowered(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}

/// The signs of symbols in a text, where they stand alone, in bytes.
pub fn terms(text: &str) -> Vec<(Range<usize>, Symbol)> {
    let mut found: Vec<(Range<usize>, Symbol)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let before = text[..at].chars().next_back();
        let longest = Symbol::ALL
            .iter()
            .flat_map(|&symbol| symbol.about().signs.iter().map(move |sign| (*sign, symbol)))
            .filter(|(sign, _)| rest.starts_with(sign) && alone(before, rest[sign.len()..].chars().next(), sign))
            .max_by_key(|(sign, _)| sign.len());
        match longest {
            Some((sign, symbol)) => {
                found.push((at..at + sign.len(), symbol));
                at += sign.len();
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

/// What a caption is about: its measure, else its first sign.
pub fn of_caption(text: &str) -> Option<Symbol> {
    let measured = text.contains("dB").then_some(Symbol::Psnr);
    measured.or_else(|| terms(text).first().map(|(_, symbol)| *symbol))
}

/// Whether a sign is no part of a word: letters neither before nor after it, and no further mark on it.
fn alone(before: Option<char>, after: Option<char>, sign: &str) -> bool {
    let latin = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '\u{302}' || c == '\u{304}';
    let marked = |c: char| latin(c) || matches!(c, '′' | '₀' | '₁' | '²' | '̃');
    let word = sign.chars().all(|c| c.is_ascii_alphabetic());
    !before.is_some_and(|c| latin(c) && (word || c.is_ascii_alphabetic())) && !after.is_some_and(marked)
}

/// How a line with symbols looks.
pub struct Line {
    /// Its face and size.
    pub font: FontId,
    /// Its colour.
    pub colour: Color32,
}

impl Line {
    /// Draws a text in one line, cut off where there is no more room; each symbol in it explains itself.
    pub fn ui(&self, ui: &mut Ui, text: &str) -> Response {
        let terms = terms(text);
        let galley = self.galley(ui, text, &terms, ui.available_width());
        let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
        self.paint(ui, &galley, rect.min, text, &terms, response.id);
        response
    }

    fn galley(&self, ui: &Ui, text: &str, terms: &[(Range<usize>, Symbol)], width: f32) -> Arc<Galley> {
        let plain = TextFormat::simple(self.font.clone(), self.colour);
        let strong = TextFormat::simple(self.font.clone(), tokens(ui).accent_text);
        let mut job = LayoutJob { wrap: TextWrapping::truncate_at_width(width), ..LayoutJob::default() };
        let mut at = 0;
        for (range, symbol) in terms {
            job.append(&text[at..range.start], 0.0, plain.clone());
            let format = if is_marked(ui.ctx(), *symbol) { &strong } else { &plain };
            job.append(&text[range.clone()], 0.0, format.clone());
            at = range.end;
        }
        job.append(&text[at..], 0.0, plain);
        ui.fonts_mut(|fonts| fonts.layout_job(job))
    }

    /// Paints the galley, and lets its symbols be pointed at.
    fn paint(&self, ui: &Ui, galley: &Arc<Galley>, at: Pos2, text: &str, terms: &[(Range<usize>, Symbol)], id: Id) {
        let ground = tokens(ui).accent_soft;
        for (number, (range, symbol)) in terms.iter().enumerate() {
            let rect = place(galley, text, range).translate(at.to_vec2());
            if rect.width() <= 0.0 {
                continue; // cut off
            }
            if is_marked(ui.ctx(), *symbol) {
                ui.painter().rect_filled(rect.expand2(vec2(2.0, 0.0)), RADIUS - 3, ground);
            }
            let response = ui.interact(rect.expand2(vec2(2.0, 1.0)), id.with(number), Sense::CLICK);
            response
                .widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Explain {}", symbol.about().name)));
            explains(response, *symbol);
        }
        ui.painter().galley(at, Arc::clone(galley), self.colour);
    }
}

/// Where a part of the text stands in its galley.
fn place(galley: &Galley, text: &str, range: &Range<usize>) -> Rect {
    let cursor = |byte: usize| galley.pos_from_cursor(egui::text::CCursor::new(text[..byte].chars().count()));
    let (start, end) = (cursor(range.start), cursor(range.end));
    Rect::from_min_max(start.min, end.max)
}

#[cfg(test)]
mod tests {
    use super::{Symbol, terms};

    fn found(text: &str) -> Vec<(&str, Symbol)> {
        terms(text).into_iter().map(|(range, symbol)| (&text[range], symbol)).collect()
    }

    #[test]
    fn signs_are_found_where_they_stand_alone() {
        let estimate = found("x̂₀ = (x − √(1−ᾱ) ε) / √ᾱ = (x − 0.5000 ε) / 0.8660");
        let all: Vec<&str> = estimate.iter().map(|(sign, _)| *sign).collect();
        assert_eq!(all, ["x̂₀", "x", "ᾱ", "ε", "ᾱ", "x", "ε"]);
        assert_eq!(estimate[0].1, Symbol::Estimate);
        assert_eq!(found("t = 500 · ᾱ = 0.25, then 0.5 · SNR -4.8 dB")[0], ("t", Symbol::Timestep));
        assert_eq!(found("x′ = √ᾱ′ x̂₀ + σ z")[0], ("x′", Symbol::Sample));
        assert!(found("then the next text, thick").is_empty(), "letters of words are no signs");
        assert_eq!(found("clean x₀"), [("x₀", Symbol::Original)]);
    }
}
