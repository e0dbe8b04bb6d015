//! The tools beside a canvas, and the brush's measures above it.

use egui::{
    CentralPanel, Color32, Frame, Margin, Panel, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, vec2,
};

use crate::app::commands::Command;
use crate::app::theme::{Icon, tokens};
use crate::app::widgets::buttons;
use crate::app::widgets::canvas::{MAX_SIZE, Tool, Tools};
use crate::app::widgets::knob::Knob;

/// Width of the column of tools, in points.
const TOOLS: f32 = 40.0;

/// The column of tools; commands beneath them.
pub fn tools(ui: &mut Ui, tools: &mut Tools, offered: &[Tool], commands: &[(Icon, Command, bool)]) -> Option<Command> {
    let mut pressed = None;
    ui.spacing_mut().item_spacing.y = 2.0;
    for tool in Tool::ALL.into_iter().filter(|tool| offered.contains(tool)) {
        let (name, help, icon) = tool.about();
        let keys = Command::ALL.iter().find(|command| command.tool() == Some(tool)).and_then(|command| command.keys());
        let help = keys.map_or_else(|| help.to_owned(), |keys| format!("{help} ({keys})"));
        if buttons::icon_button(ui, icon, name, &help, tools.tool == tool).clicked() {
            tools.tool = tool;
        }
    }
    ui.add_space(6.0);
    for (icon, command, can) in commands {
        ui.add_enabled_ui(*can, |ui| {
            if buttons::icon(ui, *icon, command.about().text, &command.help_with_keys()).clicked() {
                pressed = Some(*command);
            }
        });
    }
    pressed
}

/// Size and softness of the brush, or how much alike is filled.
pub fn brush(ui: &mut Ui, tools: &mut Tools) {
    match tools.tool {
        Tool::Fill => {
            let mut tolerance = f32::from(tools.tolerance);
            let knob = Knob {
                name: "Tolerance",
                help: "How different from the pixel that is clicked a neighbour may be, 0 to 255",
                range: 0.0..=255.0,
                default: 48.0,
                step: 1.0,
                ..Knob::default()
            };
            if knob.ui(ui, &mut tolerance, &format!("{}", tools.tolerance)) {
                tools.tolerance = tolerance as u8;
            }
        }
        Tool::Rectangle | Tool::Lasso | Tool::Pick => {
            ui.label(egui::RichText::new(tools.tool.about().1).size(12.0).color(tokens(ui).text_faint));
        }
        Tool::Brush | Tool::Eraser => {
            let knob = Knob {
                name: "Size",
                help: "The brush's diameter in pixels of the canvas, 1 to 200; [ and ] change it",
                range: 1.0..=MAX_SIZE,
                default: 24.0,
                step: 1.0,
                logarithmic: true,
                ..Knob::default()
            };
            let text = format!("{:.0} px", tools.size);
            knob.ui(ui, &mut tools.size, &text);
            let knob = Knob {
                name: "Softness",
                help: "The part of the brush that fades out: 0 a hard edge, 1 soft from the middle",
                default: 0.3,
                ..Knob::default()
            };
            let text = format!("{:.0} %", tools.softness * 100.0);
            knob.ui(ui, &mut tools.softness, &text);
        }
    }
}

/// A region as high as what is in it, with room above and below.
pub fn edge(panel: Panel, top: i8, bottom: i8) -> Panel {
    let frame = Frame::new().inner_margin(Margin { left: 0, right: 0, top, bottom });
    panel.resizable(false).show_separator_line(false).frame(frame)
}

/// A canvas with the tools at its left, the brush above it and options beneath it, each as high as it needs to be.
pub fn around_canvas<S>(
    ui: &mut Ui,
    name: &str,
    state: &mut S,
    tools: impl FnOnce(&mut S, &mut Ui),
    above: impl FnOnce(&mut S, &mut Ui),
    below: impl FnOnce(&mut S, &mut Ui),
    canvas: impl FnOnce(&mut S, &mut Ui),
) {
    let (left, right) = ui.available_rect_before_wrap().split_left_right_at_x(ui.cursor().left() + TOOLS);
    ui.scope_builder(UiBuilder::new().max_rect(left), |ui| tools(state, ui));
    ui.scope_builder(UiBuilder::new().max_rect(right), |ui| {
        edge(Panel::top(format!("{name} above")), 0, 4).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| above(state, ui));
        });
        edge(Panel::bottom(format!("{name} below")), 4, 0).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| below(state, ui));
        });
        CentralPanel::no_frame().show(ui, |ui| canvas(state, ui));
    });
}

/// A square of colour; opens a choice of any colour.
pub fn colour(ui: &mut Ui, name: &str, help: &str, colour: &mut [u8; 3]) -> bool {
    let response = egui::color_picker::color_edit_button_srgb(ui, colour);
    let changed = response.changed();
    response.accessible_name(name).on_hover_text(help);
    changed
}

/// A row of colours to take by a click; true when one was taken.
pub fn swatches(ui: &mut Ui, tools: &mut Tools) -> bool {
    let border = tokens(ui).border_strong;
    let chosen = tokens(ui).accent_text;
    let mut taken = None;
    for colour in &tools.colours {
        let (rect, response) = ui.allocate_exact_size(vec2(18.0, 18.0), Sense::click());
        let [r, g, b] = *colour;
        let on = *colour == tools.colour;
        let name = format!("Colour #{r:02x}{g:02x}{b:02x}");
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, &name));
        let stroke = if on { Stroke::new(2.0, chosen) } else { Stroke::new(1.0, border) };
        ui.painter().rect(rect, 4.0, Color32::from_rgb(r, g, b), stroke, StrokeKind::Inside);
        buttons::focus_ring(ui, rect, &response);
        if response.on_hover_text(name).clicked() {
            taken = Some(*colour);
        }
    }
    if let Some(colour) = taken {
        tools.colour = colour;
    }
    taken.is_some()
}
