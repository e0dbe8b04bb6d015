//! The tokens in egui's own words: one style for each theme, on the same spacing.

use egui::epaint::Shadow;
use egui::{Color32, CornerRadius, FontFamily, FontId, Margin, Stroke, Style, TextStyle, Vec2, Visuals};

use super::tokens::{GAP, RADIUS, RADIUS_LARGE, Tokens};

/// Gives one of egui's two styles the colours of a theme.
pub fn set(ctx: &egui::Context, tokens: &Tokens) {
    ctx.style_mut_of(tokens.slot(), |style| {
        sizes(style);
        style.visuals = visuals(tokens);
    });
}

fn sizes(style: &mut Style) {
    let proportional = |size| FontId::new(size, FontFamily::Proportional);
    style.text_styles.insert(TextStyle::Small, proportional(11.5));
    style.text_styles.insert(TextStyle::Body, proportional(13.0));
    style.text_styles.insert(TextStyle::Button, proportional(13.0));
    style.text_styles.insert(TextStyle::Heading, super::fonts::medium(15.0));
    style.text_styles.insert(TextStyle::Monospace, FontId::new(12.0, FontFamily::Monospace));
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::splat(GAP);
    spacing.button_padding = Vec2::new(10.0, 6.0);
    spacing.interact_size = Vec2::new(32.0, 30.0);
    spacing.menu_margin = Margin::same(6);
    spacing.menu_spacing = 4.0;
    spacing.window_margin = Margin::same(20);
    spacing.slider_rail_height = 4.0;
    spacing.icon_width = 18.0;
    spacing.icon_spacing = 8.0;
    spacing.tooltip_width = 300.0;
    spacing.combo_height = 520.0;
    spacing.scroll.bar_width = 8.0;
    spacing.scroll.floating = true;
    style.interaction.tooltip_delay = 0.4;
    style.interaction.selectable_labels = false;
    style.animation_time = 0.12;
}

fn visuals(tokens: &Tokens) -> Visuals {
    let mut visuals = if tokens.dark { Visuals::dark() } else { Visuals::light() };
    visuals.panel_fill = tokens.panel;
    visuals.window_fill = tokens.sheet;
    visuals.window_stroke = Stroke::new(1.0, tokens.border);
    visuals.window_corner_radius = CornerRadius::same(RADIUS_LARGE + 2);
    visuals.menu_corner_radius = CornerRadius::same(RADIUS_LARGE);
    visuals.extreme_bg_color = tokens.raised;
    visuals.text_edit_bg_color = Some(tokens.raised);
    visuals.faint_bg_color = tokens.hover;
    visuals.code_bg_color = tokens.hover;
    visuals.weak_text_color = Some(tokens.text_weak);
    visuals.hyperlink_color = tokens.accent_text;
    visuals.error_fg_color = tokens.danger;
    visuals.warn_fg_color = tokens.warning;
    visuals.selection.bg_fill = tokens.selection;
    visuals.selection.stroke = Stroke::new(1.0, tokens.accent_text);
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = egui::style::HandleShape::Circle;
    let shade = if tokens.dark { 110 } else { 38 };
    visuals.popup_shadow = Shadow { offset: [0, 6], blur: 20, spread: 0, color: Color32::from_black_alpha(shade) };
    visuals.window_shadow = Shadow { offset: [0, 16], blur: 48, spread: 0, color: Color32::from_black_alpha(shade) };
    visuals.text_cursor.stroke = Stroke::new(1.5, tokens.accent_text);
    visuals.disabled_alpha = 0.45;
    widgets(&mut visuals, tokens);
    visuals
}

fn widgets(visuals: &mut Visuals, tokens: &Tokens) {
    let states = &mut visuals.widgets;
    for state in
        [&mut states.noninteractive, &mut states.inactive, &mut states.hovered, &mut states.active, &mut states.open]
    {
        state.corner_radius = CornerRadius::same(RADIUS);
        state.expansion = 0.0;
        state.fg_stroke = Stroke::new(1.0, tokens.text);
        state.bg_stroke = Stroke::new(1.0, tokens.border);
        state.weak_bg_fill = tokens.raised;
        state.bg_fill = tokens.raised;
    }
    states.noninteractive.bg_fill = tokens.panel;
    states.noninteractive.weak_bg_fill = tokens.panel;
    states.inactive.bg_fill = tokens.active; // the rail of a slider
    states.hovered.weak_bg_fill = tokens.hover;
    states.hovered.bg_fill = tokens.border_strong;
    states.hovered.bg_stroke = Stroke::new(1.0, tokens.border_strong);
    states.active.weak_bg_fill = tokens.active;
    states.active.bg_fill = tokens.border_strong;
    states.active.bg_stroke = Stroke::new(1.0, tokens.accent_text);
    states.open.weak_bg_fill = tokens.hover;
    states.open.bg_stroke = Stroke::new(1.0, tokens.border_strong);
}
