//! The parts of a hybrid: a decomposition with its parameters, what its filters let through, and a prompt for each
//! part.

use egui::{Align2, ComboBox, FontId, Id, RichText, Role, Sense, Slider, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::recipe_form::Form;
use crate::app::theme::{RADIUS, tokens};
use crate::app::widgets::{field, numbers};
use crate::decompositions::{DECOMPOSITIONS, DecompositionSpec, frequency_response};
use crate::experiments::settings::{parts, prompting};
use crate::spec::Grain;

/// The side of stage I for which the response is drawn.
const BASE: usize = 64;
const POINTS: usize = 97;
/// At most this part of a slider's range is useful.
const WIDEST: f64 = 16.0;

impl Form<'_> {
    /// Decomposition and prompts. With views there are more prompts than parts: then plainly.
    pub(super) fn parts(&mut self, ui: &mut Ui) {
        let Some(spec) = self.recipe.parts.decomposition.clone().filter(|_| self.recipe.views.view.is_empty()) else {
            self.settings(ui, &[&prompting::prompt, &parts::decomposition]);
            return;
        };
        self.own(ui, &[&parts::decomposition], |form, ui| {
            if let Some(changed) = form.decomposition(ui, &spec) {
                form.recipe.parts.decomposition = Some(changed);
            }
        });
        response(ui, &spec);
        self.own(ui, &[&prompting::prompt], |form, ui| form.part_prompts(ui, &spec));
    }

    fn part_prompts(&mut self, ui: &mut Ui, spec: &DecompositionSpec) {
        field::label(ui, &prompting::prompt, false, String::new);
        let parts = spec.parts();
        self.recipe.prompting.prompt.resize(parts.len(), String::new());
        let colours = colours(ui);
        for (at, part) in parts.iter().enumerate() {
            ui.horizontal(|ui| {
                let (dot, _) = ui.allocate_exact_size(vec2(10.0, 18.0), Sense::hover());
                ui.painter().circle_filled(dot.center(), 4.0, colours[at % colours.len()]);
                ui.label(RichText::new(part.label).size(12.0).color(tokens(ui).text_weak));
            });
            self.prompt_line(ui, at, &format!("Prompt {}", at + 1));
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 16.0;
            self.pick_prompts(ui);
        });
    }

    fn decomposition(&mut self, ui: &mut Ui, spec: &DecompositionSpec) -> Option<DecompositionSpec> {
        let setting = &parts::decomposition;
        let entry = spec.entry();
        let mut changed = None;
        field::label(ui, setting, false, String::new);
        let combo = ComboBox::from_id_salt("decomposition").selected_text(entry.label).width(ui.available_width());
        let shown = combo.show_ui(ui, |ui| {
            for known in DECOMPOSITIONS {
                let chosen = ui.selectable_label(known.name == entry.name, known.label).on_hover_text(known.sentence);
                if chosen.clicked() {
                    changed = DecompositionSpec::new(known.name).ok();
                }
            }
        });
        shown.response.on_hover_text(entry.sentence).accessible_name(setting.label);
        for (parameter, value) in entry.parameters.iter().zip(spec.values()) {
            let mut new = *value;
            let (_, typed) = field::row(
                ui,
                |ui| {
                    let name = RichText::new(parameter.label).size(12.5).color(tokens(ui).text_weak);
                    (ui.label(name).on_hover_text(parameter.help), false)
                },
                |ui, _| {
                    numbers::slider_style(ui);
                    ui.spacing_mut().slider_width = (ui.available_width() - 52.0).max(40.0);
                    let odd = parameter.grain == Grain::Odd;
                    let most = if odd { 101.0 } else { WIDEST }.min(parameter.max);
                    let slider = Slider::new(&mut new, parameter.min..=most).show_value(false);
                    let slider = if odd { slider.step_by(2.0) } else { slider.step_by(0.1).logarithmic(true) };
                    let response = ui.add(slider).accessible_name(parameter.label);
                    // The slider's own sums leave 2.3000000000000003, of a value that nobody touched too.
                    new = if response.changed() { (new * 10.0).round() / 10.0 } else { *value };
                    ui.label(RichText::new(format!("{}", (new * 1000.0).round() / 1000.0)).size(12.0));
                    response.on_hover_text(parameter.help).changed()
                },
            );
            if typed {
                let new = if parameter.grain == Grain::Odd { (new / 2.0).floor() * 2.0 + 1.0 } else { new };
                changed = spec.clone().with(parameter.name, new).ok().or(changed);
            }
        }
        changed
    }
}

fn colours(ui: &Ui) -> [egui::Color32; 3] {
    let tokens = tokens(ui);
    [tokens.accent_text, tokens.warning, tokens.success]
}

/// How much of each frequency goes into each part, worked out once for each decomposition.
fn response(ui: &mut Ui, spec: &DecompositionSpec) {
    type Known = (String, Option<Vec<Vec<f64>>>);
    let key = Id::unique("frequency response");
    let text = spec.to_string();
    let known = ui.data(|data| data.get_temp::<Known>(key)).filter(|(known, _)| *known == text);
    let (_, curves) = known.unwrap_or_else(|| {
        let curves = frequency_response(spec, (BASE, BASE), POINTS).ok().flatten();
        let known = (text, curves);
        ui.data_mut(|data| data.insert_temp(key, known.clone()));
        known
    });
    let Some(curves) = curves else { return };
    let (rect, area) = ui.allocate_exact_size(vec2(ui.available_width(), 92.0), Sense::hover());
    area.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Filter response"));
    let (tokens, colours) = (tokens(ui), colours(ui));
    let painter = ui.painter().with_clip_rect(rect);
    painter.rect_filled(rect, RADIUS, tokens.stage);
    let plot = rect.shrink2(vec2(8.0, 8.0)).with_max_y(rect.bottom() - 18.0);
    let x = |point: usize| egui::remap(point as f32, 0.0..=(POINTS - 1) as f32, plot.x_range());
    let y = |value: f64| egui::remap(value as f32, -0.05..=1.05, plot.bottom()..=plot.top());
    painter.hline(plot.x_range(), y(0.0), Stroke::new(1.0, tokens.border));
    for (part, curve) in curves.iter().enumerate() {
        let line = curve.iter().enumerate().map(|(point, &value)| pos2(x(point), y(value))).collect();
        painter.line(line, Stroke::new(1.8, colours[part % colours.len()]));
    }
    let font = FontId::proportional(10.5);
    let below = rect.bottom() - 4.0;
    let half = BASE / 2;
    painter.text(pos2(plot.left(), below), Align2::LEFT_BOTTOM, "coarse", font.clone(), tokens.text_faint);
    let text = format!("fine, {half} waves across");
    painter.text(pos2(plot.right(), below), Align2::RIGHT_BOTTOM, text, font, tokens.text_faint);
    if let Some(pointer) = area.hover_pos() {
        let point = egui::remap_clamp(pointer.x, plot.x_range(), 0.0..=(POINTS - 1) as f32).round() as usize;
        let waves = point as f64 / (POINTS - 1) as f64 * half as f64;
        let values = curves.iter().zip(spec.parts()).map(|(curve, part)| format!("{} {:.2}", part.label, curve[point]));
        let text = format!("{waves:.1} waves across: {}", values.collect::<Vec<_>>().join(", "));
        area.on_hover_text_at_pointer(text);
    }
}
