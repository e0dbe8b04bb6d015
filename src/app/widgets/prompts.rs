//! The list of prompts: a text each, its number of tokens, what is cut off, earlier prompts and the model's own
//! examples.

use egui::{Id, Key, Modifiers, RichText, TextEdit, Ui};

use super::buttons;
use crate::app::form::token_counts::{TOKEN_LIMIT, TokenCount};
use crate::app::theme::{Icon, tokens};

/// What the list shows beside the prompts.
pub struct Beside<'a> {
    /// Prompts used before.
    pub history: &'a [String],
    /// Prompts that the model follows well.
    pub examples: &'a [String],
    /// Tokens of a prompt, once counted.
    pub count: &'a mut dyn FnMut(&str) -> Option<TokenCount>,
}

/// Draws and edits the prompts.
pub fn prompts(ui: &mut Ui, prompts: &mut Vec<String>, beside: &mut Beside<'_>) {
    if prompts.is_empty() {
        prompts.push(String::new());
    }
    let mut remove = None;
    let several = prompts.len() > 1;
    for (i, prompt) in prompts.iter_mut().enumerate() {
        let name = if several { format!("Prompt {}", i + 1) } else { "Prompt".to_owned() };
        let count = (beside.count)(prompt);
        ui.horizontal_top(|ui| {
            let cross = if several { 32.0 + ui.spacing().item_spacing.x } else { 0.0 };
            ui.vertical(|ui| {
                ui.set_width(ui.available_width() - cross);
                one(ui, prompt, i, &name, count, beside.history);
            });
            let help = "Remove this prompt";
            if several && buttons::icon(ui, Icon::Cross, &format!("Remove prompt {}", i + 1), help).clicked() {
                remove = Some(i);
            }
        });
    }
    if let Some(i) = remove {
        prompts.remove(i);
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 20.0;
        if buttons::quiet(ui, Icon::Plus, "Add prompt").on_hover_text("One more picture, from another prompt").clicked()
        {
            prompts.push(String::new());
        }
        pick_into(ui, prompts, beside.examples, beside.history);
    });
}

/// Where the prompt that was edited last is noted.
fn last_edited() -> Id {
    Id::unique("prompt edited last")
}

/// Alt with an arrow goes through earlier prompts, and back to what was being written.
fn recall(ui: &Ui, id: Id, prompt: &mut String, history: &[String]) {
    type Place = (usize, String);
    let pressed = |key: Key| ui.input_mut(|input| input.consume_key(Modifiers::ALT, key));
    if !ui.memory(|memory| memory.has_focus(id)) || history.is_empty() {
        return;
    }
    let (older, newer) = (pressed(Key::ArrowUp), pressed(Key::ArrowDown));
    if older == newer {
        return;
    }
    let known = ui.data(|data| data.get_temp::<Place>(id));
    // A prompt that was changed since is what is being written now.
    let still = known.filter(|(at, _)| at.checked_sub(1).and_then(|at| history.get(at)) == Some(&*prompt));
    let (at, written) = still.unwrap_or_else(|| (0, prompt.clone()));
    let at = if older { (at + 1).min(history.len()) } else { at.saturating_sub(1) };
    *prompt = at.checked_sub(1).map_or_else(|| written.clone(), |at| history[at].clone());
    ui.data_mut(|data| data.insert_temp(id, (at, written)));
}

/// One prompt with its number of tokens, and what of it is cut off.
pub fn one(ui: &mut Ui, prompt: &mut String, at: usize, name: &str, count: Option<TokenCount>, history: &[String]) {
    recall(ui, Id::unique(("prompt", at)), prompt, history);
    let spacing = std::mem::replace(&mut ui.spacing_mut().item_spacing.y, 2.0);
    let hint = RichText::new("Describe a picture").color(tokens(ui).text_faint);
    let edit = TextEdit::multiline(prompt)
        .id(Id::unique(("prompt", at)))
        .hint_text(hint)
        .desired_rows(if name == "Prompt" { 2 } else { 1 })
        .desired_width(f32::INFINITY)
        .margin(egui::Margin::symmetric(10, 8));
    let response = ui.add(edit).accessible_name(name);
    if response.has_focus() {
        ui.data_mut(|data| data.insert_temp(last_edited(), at));
    }
    tokens_line(ui, prompt, count);
    ui.spacing_mut().item_spacing.y = spacing;
}

/// Examples and earlier prompts, to put into the prompt that was edited last.
pub fn pick_into(ui: &mut Ui, prompts: &mut [String], examples: &[String], history: &[String]) {
    pick(ui, Icon::Bookmark, "Examples", "Prompts that this model follows well", examples, prompts);
    pick(ui, Icon::Clock, "History", "Prompts that you used before", history, prompts);
}

fn tokens_line(ui: &mut Ui, prompt: &str, count: Option<TokenCount>) {
    let tokens = tokens(ui);
    let Some(count) = count.filter(|count| count.tokens > 0 && !prompt.trim().is_empty()) else {
        ui.label(RichText::new(" ").size(11.5));
        return;
    };
    let text = format!("{} / {TOKEN_LIMIT} tokens", count.tokens);
    match count.cut {
        None => ui.label(RichText::new(text).size(11.5).color(tokens.text_faint)),
        Some(cut) => {
            let cut = cut.trim().to_owned();
            let short: String = cut.chars().take(24).collect();
            let dots = if short.len() < cut.len() { "…" } else { "" };
            let text = format!("{text}, cut: “{short}{dots}”");
            ui.label(RichText::new(text).size(11.5).color(tokens.warning))
                .on_hover_text(format!("The text encoder reads {TOKEN_LIMIT} tokens. It will not see: {cut}"))
        }
    };
}

fn pick(ui: &mut Ui, icon: Icon, name: &str, help: &str, texts: &[String], prompts: &mut [String]) {
    if texts.is_empty() {
        return;
    }
    let button = buttons::quiet(ui, icon, name);
    egui::Popup::menu(&button).width(296.0).show(|ui| {
        ui.set_min_width(280.0);
        egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            for text in texts {
                if ui.add(egui::Button::new(text.as_str()).frame_when_inactive(false).truncate()).clicked() {
                    let last = prompts.len().saturating_sub(1);
                    let edited = ui.data(|data| data.get_temp(last_edited())).unwrap_or(last).min(last);
                    if let Some(prompt) = prompts.get_mut(edited) {
                        prompt.clone_from(text);
                    }
                    ui.close();
                }
            }
        });
    });
    button.on_hover_text(help);
}
