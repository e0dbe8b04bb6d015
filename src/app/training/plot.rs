//! The curves: every run's loss, faint as it was and strong as it is smoothed, over the learning rate. A dragged
//! rectangle zooms in, the wheel zooms along the run, a double click shows everything again. A zoomed view stays
//! while points come in, or moves on with the newest of them.

use egui::{Id, PointerButton, Rect, Ui, Vec2b, vec2};
use egui_plot::{AxisHints, GridMark, Line, Plot, PlotMemory, PlotPoints, PlotResponse, PlotUi};

use super::axis::{decades, even, short};
use super::curve::{Along, Series};
use super::options::Options;
use super::readout;
use super::run::Run;
use crate::app::theme::{Tokens, tokens};

/// Height of the learning rate's plot, and of the least room in which it is drawn.
const RATE: (f32, f32) = (74.0, 250.0);
/// Room for the numbers at the left.
const NUMBERS: f32 = 52.0;
/// How far one notch of the wheel zooms.
const WHEEL: f64 = 0.005;
/// Where the newest step stands in a view that moves on with it.
const NEWEST_AT: f64 = 0.98;

/// What the plots keep from frame to frame.
#[derive(Default)]
pub struct PlotView {
    /// Where the curves were in the last frame.
    place: Option<Rect>,
    /// Whether everything is to be shown again.
    reset: bool,
    /// Whether the newest step is to come into view.
    jump: bool,
    /// Where the newest step was in the last frame.
    newest: Option<f64>,
    /// The part of the axis that is in view; none: all of it.
    view: Option<(f64, f64)>,
}

impl PlotView {
    /// Shows everything again.
    pub fn show_all(&mut self) {
        self.reset = true;
    }

    /// Brings the newest step into view.
    pub fn go_to_newest(&mut self) {
        self.jump = true;
    }

    /// Where the curves were in the last frame.
    pub fn place(&self) -> Option<Rect> {
        self.place
    }

    /// The part of the axis that is in view; none: all of it.
    pub fn view(&self) -> Option<(f64, f64)> {
        self.view
    }

    /// Draws the curves of `runs` in all the room there is.
    pub fn ui(&mut self, ui: &mut Ui, runs: &[Run], options: &mut Options) {
        let shown: Vec<&Run> = runs.iter().filter(|run| run.shown && !run.curve.points().is_empty()).collect();
        let along = options.along;
        let newest = shown.iter().filter_map(|run| run.curve.x(run.curve.points().len() - 1, along)).reduce(f64::max);
        let (height, rate) = match ui.available_height() {
            room if room >= RATE.1 => (room - RATE.0, true),
            room => (room, false),
        };
        ui.spacing_mut().item_spacing.y = 0.0;
        let (reset, jump) = (std::mem::take(&mut self.reset), std::mem::take(&mut self.jump));
        let look = Look { options: *options, group: Id::unique(("training curves", along as u8)), reset };
        let moved = newest.filter(|_| options.follow);
        let before = self.newest;
        let curves = look.plot(ui, "loss", height, !rate, options.logarithmic).show(ui, |plot| {
            zoom_by_wheel(plot);
            follow(plot, before, moved, jump);
            look.curves(plot, &shown);
        });
        let name = "Loss curves";
        curves.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, name));
        let now = PlotMemory::load(ui.ctx(), look.id("loss", options.logarithmic));
        let part = now.filter(|now| !now.auto_bounds.x).map(|now| (now.bounds().min()[0], now.bounds().max()[0]));
        // Who turns to what is over does not want to be taken away from it.
        options.follow = match (part, newest) {
            (None, _) => true,
            (Some((_, high)), Some(newest)) if part != self.view => options.follow && newest <= high,
            _ => options.follow,
        };
        (self.place, self.newest, self.view) = (Some(*curves.transform.frame()), newest, part);
        caption(ui, &curves, "loss");
        if rate {
            let rates = look.plot(ui, "learning rate", RATE.0, true, false).include_y(0.0).show(ui, |plot| {
                zoom_by_wheel(plot);
                look.rates(plot, &shown);
            });
            caption(ui, &rates, "learning rate");
        }
        if curves.response.double_clicked() {
            ui.request_repaint(); // with the points outside the view that was left
        }
        readout::ui(ui, &curves.response, &curves.transform, &shown, options);
    }
}

/// How this frame's plots look.
#[derive(Clone, Copy)]
struct Look {
    options: Options,
    group: Id,
    reset: bool,
}

impl Look {
    /// Every axis and scale has a view of its own.
    fn id(self, name: &str, logarithmic: bool) -> Id {
        Id::unique((name, self.options.along as u8, logarithmic))
    }

    fn plot<'a>(self, ui: &Ui, name: &'a str, height: f32, with_axis: bool, logarithmic: bool) -> Plot<'a> {
        let tokens = tokens(ui);
        let number = move |mark: GridMark, _: &std::ops::RangeInclusive<f64>| {
            short(if logarithmic { 10_f64.powf(mark.value) } else { mark.value })
        };
        let font = egui::FontId::proportional(11.0);
        let hints = |hints: AxisHints<'a>| hints.tick_label_color(tokens.text_faint).tick_label_font(font.clone());
        let unit = if self.options.along == Along::Time { " min" } else { "" };
        let x = hints(AxisHints::new_x()).formatter(move |mark, _| format!("{}{unit}", short(mark.value)));
        let y = hints(AxisHints::new_y()).formatter(number).min_thickness(NUMBERS);
        let y = if name == "learning rate" { y.label_spacing(14.0..=30.0) } else { y.label_spacing(18.0..=50.0) };
        let mut plot = Plot::new(name)
            .id(self.id(name, logarithmic))
            .height(height)
            .show_axes([with_axis, true])
            .custom_x_axes(vec![x])
            .custom_y_axes(vec![y])
            .link_axis(self.group, [true, false])
            .set_margin_fraction(vec2(0.015, 0.06))
            .boxed_zoom_pointer_button(PointerButton::Primary)
            .pan_pointer_button(PointerButton::Middle)
            .allow_scroll(false)
            .show_x(false)
            .show_y(false)
            .label_formatter(|_| None)
            .show_background(false)
            .grid_color(tokens.border)
            .grid_fade(0.0)
            .x_grid_spacer(|input| even(input, 9.0));
        plot = match logarithmic {
            true => plot.y_grid_spacer(decades),
            false => plot.y_grid_spacer(|input| even(input, 3.5)),
        };
        if self.reset { plot.reset() } else { plot }
    }

    /// The part of the axis for which points are needed, and how many.
    fn window(self, plot: &PlotUi<'_>) -> ((f64, f64), usize) {
        let bounds = plot.plot_bounds();
        let all = plot.auto_bounds().x || self.reset || !bounds.is_valid_x();
        let range = if all { (f64::MIN, f64::MAX) } else { (bounds.min()[0], bounds.max()[0]) };
        let pixels = plot.response().rect.width() * plot.ctx().pixels_per_point();
        (range, (2.0 * pixels).max(64.0) as usize)
    }

    fn curves(self, plot: &mut PlotUi<'_>, shown: &[&Run]) {
        let tokens = self.tokens(plot);
        let (range, most) = self.window(plot);
        let smooths = self.options.smoothing > 0.0;
        for (strong, series) in [(!smooths, Series::Loss), (true, Series::Smoothed)] {
            if series == Series::Smoothed && !smooths {
                continue;
            }
            for run in shown {
                let points = run.curve.drawn(series, self.options.along, range, most);
                let colour = tokens.series(run.colour);
                let line = Line::new(run.name.clone(), self.scaled(points)).id((run.colour, strong)).allow_hover(false);
                plot.line(match strong {
                    true => line.color(colour).width(1.8),
                    false => line.color(colour.gamma_multiply(0.3)).width(1.0),
                });
            }
        }
    }

    fn rates(self, plot: &mut PlotUi<'_>, shown: &[&Run]) {
        let tokens = self.tokens(plot);
        let (range, most) = self.window(plot);
        for run in shown {
            let points = run.curve.drawn(Series::Rate, self.options.along, range, most);
            let line = Line::new(run.name.clone(), PlotPoints::new(points)).id(run.colour).allow_hover(false);
            plot.line(line.color(tokens.series(run.colour)).width(1.4));
        }
    }

    /// As they are plotted; on a logarithmic scale what is not above 0 has no place.
    fn scaled(self, points: Vec<[f64; 2]>) -> PlotPoints<'static> {
        match self.options.logarithmic {
            true => points.into_iter().filter(|[_, y]| *y > 0.0).map(|[x, y]| [x, y.log10()]).collect(),
            false => PlotPoints::new(points),
        }
    }

    fn tokens(self, plot: &PlotUi<'_>) -> &'static Tokens {
        Tokens::of(&plot.ctx().global_style().visuals)
    }
}

/// What a plot shows, in its corner.
fn caption<R>(ui: &Ui, plot: &PlotResponse<R>, text: &str) {
    let corner = plot.transform.frame().right_top() + vec2(-6.0, 4.0);
    let font = egui::FontId::proportional(11.0);
    ui.painter().text(corner, egui::Align2::RIGHT_TOP, text, font, tokens(ui).text_faint);
}

/// The wheel zooms along the run, around the pointer; across it the curves fit themselves.
fn zoom_by_wheel(plot: &mut PlotUi<'_>) {
    let wheel = plot.ctx().input(|input| input.smooth_scroll_delta().y);
    let Some(at) = plot.pointer_coordinate().filter(|_| wheel != 0.0 && plot.response().hovered()) else { return };
    let factor = (-f64::from(wheel) * WHEEL).exp();
    let bounds = plot.plot_bounds();
    plot.set_plot_bounds_x(at.x + (bounds.min()[0] - at.x) * factor..=at.x + (bounds.max()[0] - at.x) * factor);
}

/// A zoomed view goes along when a newer step has come, or when it is told to.
fn follow(plot: &mut PlotUi<'_>, before: Option<f64>, newest: Option<f64>, jump: bool) {
    let moved = |newest: &f64| jump || before.is_some_and(|before| before < *newest);
    let Some(newest) = newest.filter(moved) else { return };
    if plot.auto_bounds().x {
        return;
    }
    let bounds = plot.plot_bounds();
    let low = newest - bounds.width() * NEWEST_AT;
    let auto_y = plot.auto_bounds().y;
    plot.set_plot_bounds_x(low..=low + bounds.width());
    plot.set_auto_bounds(Vec2b::new(false, auto_y));
}
