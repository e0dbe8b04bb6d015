//! Ctrl+P: every command, experiment, preset and setting of the open panel by a few letters of its name.

use egui::{
    Align2, Event, FontId, Id, Key, Modifiers, RichText, Role, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, vec2,
};

use super::done::Done;
use crate::app::commands::Command;
use crate::app::explain::Symbol;
use crate::app::theme::{Icon, tokens};
use crate::experiments::{EXPERIMENTS, Experiment, Preset, Recipe, Setting};
use crate::models::ModelSummary;

/// What has been typed, and the line that Enter takes.
pub struct Palette {
    query: String,
    line: usize,
    /// The open panel's.
    settings: Vec<&'static Setting>,
}

enum Target {
    Command(Command),
    Panel(&'static Experiment),
    Preset(&'static Preset),
    Setting(&'static Setting),
    Symbol(Symbol),
}

struct Entry {
    section: &'static str,
    text: String,
    help: &'static str,
    keys: Option<String>,
    target: Target,
}

fn entries(settings: &[&'static Setting]) -> Vec<Entry> {
    let panels = EXPERIMENTS.iter().map(|experiment| Entry {
        section: "Experiment",
        text: experiment.title.to_owned(),
        help: experiment.sentence,
        keys: None,
        target: Target::Panel(experiment),
    });
    let presets = EXPERIMENTS.iter().flat_map(|experiment| experiment.presets).map(|preset| Entry {
        section: "Preset",
        text: format!("{} — {}", preset.name.to_uppercase(), preset.title),
        help: preset.title,
        keys: None,
        target: Target::Preset(preset),
    });
    let commands = Command::ALL.iter().filter(|command| **command != Command::Palette).map(|&command| {
        let about = command.about();
        Entry {
            section: about.section,
            text: about.text.to_owned(),
            help: about.help,
            keys: command.keys(),
            target: Target::Command(command),
        }
    });
    let settings = settings.iter().map(|&setting| Entry {
        section: "Setting",
        text: setting.label.to_owned(),
        help: setting.help,
        keys: None,
        target: Target::Setting(setting),
    });
    let symbols = Symbol::ALL.iter().map(|&symbol| {
        let about = symbol.about();
        let sign = about.signs.last().map_or_else(String::new, |sign| format!("{sign} · "));
        Entry {
            section: "Explain",
            text: format!("{sign}{}", about.name),
            help: about.larger,
            keys: None,
            target: Target::Symbol(symbol),
        }
    });
    panels.chain(presets).chain(commands).chain(settings).chain(symbols).collect()
}

/// How well `query` fits `text`: its letters in order, better together and at the starts of words.
pub fn score(query: &str, text: &str) -> Option<i32> {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let (mut at, mut total, mut last) = (0, 0, None);
    for letter in query.to_lowercase().chars().filter(|c| !c.is_whitespace()) {
        let found = at + text[at..].iter().position(|&c| c == letter)?;
        let starts = found == 0 || !text[found - 1].is_alphanumeric();
        total += if last == Some(found.wrapping_sub(1)) { 8 } else { 0 } + if starts { 6 } else { 0 }
            - (found - at).min(6) as i32;
        last = Some(found);
        at = found + 1;
    }
    Some(total - text.len() as i32 / 16)
}

/// How well `query` fits an entry: its name; else its part of the menu, or a word of what is said of it.
fn fit(query: &str, entry: &Entry) -> Option<i32> {
    let query = query.trim().to_lowercase();
    let said = |text: &str| {
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        query.len() > 2 && words.any(|word| word.to_lowercase().starts_with(&query))
    };
    let first = entry.help.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let named = query.len() > 2 && first.to_lowercase() == query;
    score(&query, &entry.text).or_else(|| match (named, said(entry.section) || said(entry.help)) {
        (true, _) => Some(2 * SAID),
        (false, true) => Some(SAID),
        (false, false) => None,
    })
}

/// What a word in an entry's sentence is worth: less than any name with the letters in one piece.
const SAID: i32 = 4;

impl Palette {
    /// The palette, empty, with the settings that `recipe` has on the model of `summary`.
    pub fn beside(recipe: &Recipe, summary: Option<&ModelSummary>) -> Self {
        let read = recipe.experiment().map(|experiment| experiment.settings());
        let settings = read.into_iter().flatten().filter(|setting| setting.applies(recipe, summary)).collect();
        Self { query: String::new(), line: 0, settings }
    }

    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui) -> Option<Done> {
        let down = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowDown));
        let up = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowUp));
        let take = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        self.search(ui);
        let mut found: Vec<(i32, Entry)> =
            entries(&self.settings).into_iter().filter_map(|entry| Some((fit(&self.query, &entry)?, entry))).collect();
        if !self.query.trim().is_empty() {
            // Of two that fit as well the shorter is nearer to what was typed.
            found.sort_by_key(|(score, entry)| (std::cmp::Reverse(*score), entry.text.chars().count()));
        }
        self.line = (self.line + usize::from(down)).saturating_sub(usize::from(up)).min(found.len().saturating_sub(1));
        let mut chosen = take.then_some(self.line);
        ui.separator();
        ScrollArea::vertical().max_height(380.0).auto_shrink([false, true]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if found.is_empty() {
                ui.add_space(12.0);
                ui.vertical_centered(|ui| ui.label(RichText::new("Nothing by that name").color(tokens(ui).text_weak)));
                ui.add_space(12.0);
            }
            for (i, (_, entry)) in found.iter().enumerate() {
                let response = row(ui, entry, i == self.line);
                if response.clicked() {
                    chosen = Some(i);
                }
                if i == self.line && (up || down) {
                    response.scroll_to_me(None);
                }
            }
        });
        if let Some((_, entry)) = found.get(self.line) {
            ui.separator();
            ui.horizontal(|ui| {
                ui.add_space(12.0);
                ui.label(RichText::new(entry.help).size(12.0).color(tokens(ui).text_weak));
            });
        }
        let target = &found.get(chosen?)?.1.target;
        Some(match target {
            Target::Command(command) => Done::Command(*command),
            Target::Panel(experiment) => Done::Panel(experiment.verb),
            Target::Setting(setting) => Done::Setting(setting.key),
            Target::Symbol(symbol) => Done::Explain(*symbol),
            Target::Preset(preset) => Done::Preset(Box::new((preset.recipe)())),
        })
    }

    fn search(&mut self, ui: &mut Ui) {
        let id = Id::unique("palette query");
        if !ui.memory(|memory| memory.has_focus(id)) {
            // Letters that followed Ctrl+P faster than the line got the keyboard.
            let typed = |event: &Event| if let Event::Text(text) = event { Some(text.clone()) } else { None };
            self.query.extend(ui.input(|input| input.events.iter().filter_map(typed).collect::<Vec<_>>()));
        }
        ui.horizontal(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(28.0, 36.0), Sense::hover());
            Icon::Search.paint(ui.painter(), rect.shrink(6.0), tokens(ui).text_weak);
            let edit = TextEdit::singleline(&mut self.query)
                .id(id)
                .hint_text(
                    RichText::new("Find a command, experiment, preset or setting")
                        .size(15.0)
                        .color(tokens(ui).text_faint),
                )
                .font(FontId::proportional(15.0))
                .frame(egui::Frame::NONE)
                .desired_width(f32::INFINITY)
                .margin(egui::Margin::symmetric(0, 8))
                .align(egui::Align2::LEFT_CENTER);
            let response = ui.add(edit).accessible_name("Find a command");
            response.request_focus();
            if response.changed() {
                self.line = 0;
            }
        });
    }
}

fn row(ui: &mut Ui, entry: &Entry, on: bool) -> egui::Response {
    let tokens = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 34.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, on, &entry.text));
    if on || response.hovered() {
        ui.painter().rect_filled(rect, 6.0, if on { tokens.active } else { tokens.hover });
    }
    let left = rect.left_center() + vec2(12.0, 0.0);
    ui.painter().text(left, Align2::LEFT_CENTER, &entry.text, FontId::proportional(13.0), tokens.text);
    let right = entry.keys.as_deref().unwrap_or(entry.section);
    let colour = if entry.keys.is_some() { tokens.text_weak } else { tokens.text_faint };
    ui.painter().text(
        rect.right_center() - vec2(12.0, 0.0),
        Align2::RIGHT_CENTER,
        right,
        FontId::proportional(12.0),
        colour,
    );
    response
}

#[cfg(test)]
mod tests {
    use super::{entries, fit, score};

    #[test]
    fn letters_in_order_fit_and_starts_of_words_fit_better() {
        assert!(score("xq", "Copy picture").is_none());
        assert!(score("cp", "Copy picture") > score("cp", "Escape"));
        assert!(score("", "anything").is_some());
    }

    /// The words that one looks for first lead somewhere, and the best of it is what was meant.
    #[test]
    fn what_one_would_type_is_found() {
        let asked = [
            ("save", "Save picture…"),
            ("export", "Export curves…"),
            ("help", "Keyboard and mouse"),
            ("shortcuts", "Keyboard and mouse"),
            ("favourite", "Star"),
            ("delete", "Move to trash"),
            ("undo", "Undo"),
            ("explain", "Symbols and measures"),
            ("SNR", "SNR · Signal-to-noise ratio"),
        ];
        for (query, text) in asked {
            let mut found: Vec<_> =
                entries(&[]).into_iter().filter_map(|entry| Some((fit(query, &entry)?, entry))).collect();
            found.sort_by_key(|(score, entry)| (std::cmp::Reverse(*score), entry.text.chars().count()));
            let texts: Vec<&str> = found.iter().map(|(_, entry)| entry.text.as_str()).take(3).collect();
            assert!(texts.contains(&text), "{query}: {texts:?}");
        }
    }
}
